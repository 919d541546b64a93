"""The import system of the core stage: modules that are linked into the program, and nothing else.

It stands in for the interpreter's own `_frozen_importlib`, which is made for paths, finders, locks and reloading, and whose set-up would be
a quarter of all that the core stage does. The interpreter calls these names: `_install`, `_find_and_load`, `_handle_fromlist`,
`_lock_unlock_module`, `_module_repr`.

The functions carry no annotations: this code runs before anything can be imported, `__future__` included, so they would be evaluated.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType
    from typing import Any

    Import = Callable[..., ModuleType]
    modules: dict[str, ModuleType]
    create: Callable[[object], ModuleType]
    execute: Callable[[ModuleType], int]
    is_builtin: Callable[[str], int]
    Spec: type[Any]


def _install(system, builtin):  # type: ignore[no-untyped-def]  # see the module's docstring
    global modules, create, execute, is_builtin, Spec
    modules = system.modules
    create = builtin.create_builtin
    execute = builtin.exec_builtin
    is_builtin = builtin.is_builtin
    Spec = type(system.implementation)


def _find_and_load(name, import_):  # type: ignore[no-untyped-def]
    module = modules.get(name)
    if module is not None:
        return module
    parent, _, last = name.rpartition(".")
    if parent:
        import_(parent)
        if name in modules:
            return modules[name]
    spec = Spec(name=name, loader=None, origin="built-in", parent=parent, submodule_search_locations=None, has_location=False)
    module = create(spec)
    if module is None:
        raise ModuleNotFoundError(f"No module named {name!r} is linked into this program", name=name)
    module.__spec__ = spec
    modules[name] = module
    try:
        execute(module)
    except BaseException:
        modules.pop(name, None)
        raise
    if parent:
        setattr(modules[parent], last, module)
    return module


def _handle_fromlist(module, names, import_, *, recursive=False):  # type: ignore[no-untyped-def]
    for name in names:
        if not hasattr(module, name):
            full = f"{module.__name__}.{name}"
            if is_builtin(full):
                import_(full)
    return module


def _lock_unlock_module(name):  # type: ignore[no-untyped-def]
    """One thread imports, so nobody else can be in the middle of loading `name`: another (see name_lookup) runs no import statement."""


def _module_repr(module):  # type: ignore[no-untyped-def]
    return f"<module {module.__name__!r} (built-in)>"
