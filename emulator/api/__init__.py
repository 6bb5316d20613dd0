"""Every API of the platform that this built-in WeCom serves, by its address below /cgi-bin/: what the modules here list."""

from importlib import import_module
from pkgutil import iter_modules

from ..dispatch import Api

MODULES = [import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__)]
APIS: dict[str, Api] = {
    address: api for module in MODULES for address, api in getattr(module, "APIS", {}).items()
}
