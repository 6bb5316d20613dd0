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

  /* A share lies over the page, as the messenger's own compose view does; the page below it stays alive. */
  function share(call, options) {
    if (!registered) { return Promise.reject({ errCode: -1, errMsg: call + ":fail ww.register first" }); }
    var argument = {};
    ["text", "attachments", "externalUserIds", "chatIds"].forEach(function (name) {
      if (options[name] !== undefined) { argument[name] = options[name]; }
    });
    return registered.then(function (config) {
      return new Promise(function (resolve, reject) {
        var frame = document.createElement("iframe"), form = document.createElement("form");
        frame.name = "jssdk-share"; frame.title = call;
        Object.assign(frame.style, { position: "fixed", inset: "0", width: "100%", height: "100%", border: "0", zIndex: "2147483647", background: "#fff" });
        var fields = { kind: config.kind, url: page(), timestamp: config.s.timestamp, nonce: config.s.nonceStr,
          signature: config.s.signature, argument: JSON.stringify(argument) };
        form.method = "post"; form.action = base + "/jssdk/" + call; form.target = frame.name; form.hidden = true;
        Object.keys(fields).forEach(function (name) {
          var input = document.createElement("input");
          input.type = "hidden"; input.name = name; input.value = fields[name];
          form.appendChild(input);
        });
        window.addEventListener("message", function heard(event) {
          if (event.origin !== base || event.source !== frame.contentWindow || !event.data.jssdk) { return; }
          window.removeEventListener("message", heard);
          frame.remove(); form.remove();
          var result = { errCode: event.data.jssdk.errCode, errMsg: event.data.jssdk.errMsg };
          if (result.errCode === 0) { resolve(result); } else { reject(result); }
        });
        document.body.append(frame, form);
        HTMLFormElement.prototype.submit.call(form);
      });
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
    shareToExternalContact: function (options) { return told(share("shareToExternalContact", options || {}), options); },
    shareToExternalChat: function (options) { return told(share("shareToExternalChat", options || {}), options); },
    shareToExternalMoments: function (options) { return told(share("shareToExternalMoments", options || {}), options); },
    getContext: function (options) {
      return told(Promise.resolve({ errCode: 0, errMsg: "getContext:ok", entry: "normal" }), options);
    }
  };
  window.ww = ww;
})();
