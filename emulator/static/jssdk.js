/* Stand-in for @wecom/jssdk in the built-in WeCom: the calls that pages use, under the same names. */
(function () {
  "use strict";
  var base = new URL(document.currentScript.src).origin;
  var registered = null;

  function page() {
    return location.href.split("#")[0];
  }

  function signatureOf(options) {
    if (options.getAgentConfigSignature) {
      return Promise.resolve(options.getAgentConfigSignature(page())).then(function (s) { return { kind: "agent_config", s: s }; });
    }
    if (options.getConfigSignature) {
      return Promise.resolve(options.getConfigSignature(page())).then(function (s) { return { kind: "corp", s: s }; });
    }
    return Promise.reject(new Error("register: no signature function"));
  }

  function leaveFor(call, argument) {
    if (!registered) { return Promise.reject({ errCode: -1, errMsg: call + ":fail ww.register first" }); }
    return registered.then(function (config) {
      var query = new URLSearchParams({
        kind: config.kind, url: page(), timestamp: config.s.timestamp, nonce: config.s.nonceStr,
        signature: config.s.signature, argument: argument || ""
      });
      location.href = base + "/jssdk/" + call + "?" + query;
      return { errCode: 0, errMsg: call + ":ok" };
    });
  }

  function told(promise, options) {
    options = options || {};
    return promise.then(function (result) {
      if (options.success) { options.success(result); }
      if (options.complete) { options.complete(result); }
      return result;
    }, function (failure) {
      if (options.fail) { options.fail(failure); }
      if (options.complete) { options.complete(failure); }
      throw failure;
    });
  }

  var ww = {
    register: function (options) {
      registered = signatureOf(options).then(function (config) {
        if (options.onAgentConfigSuccess) { options.onAgentConfigSuccess({ errMsg: "agentConfig:ok" }); }
        return config;
      });
      registered.catch(function (failure) {
        if (options.onAgentConfigFail) { options.onAgentConfigFail({ errMsg: "agentConfig:fail " + failure }); }
      });
    },
    closeWindow: function (options) { return told(leaveFor("closeWindow"), options); },
    openEnterpriseChat: function (options) {
      options = options || {};
      var who = [].concat(options.externalUserIds || [], options.chatId || [])[0] || "";
      return told(leaveFor("openEnterpriseChat", who), options);
    },
    getContext: function (options) {
      return told(Promise.resolve({ errCode: 0, errMsg: "getContext:ok", entry: "normal" }), options);
    }
  };
  window.ww = ww;
})();
