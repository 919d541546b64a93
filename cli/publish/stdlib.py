"""Which modules of the standard library are frozen into the native program: what its full stage starts with, and what the package asks for.

The package asks by import statements and by naming codecs (`text.encode("idna")`). From there, codecs that a library module names are
followed, and every import that it does while it is loaded. Imports inside its functions are not: they belong to features that the
package does not use, and following them would bring most of the library along. Names without a source are built in, or another system's.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from cli.publish.errors import PublishError
from cli.publish.reachable import at_run_time

START = ("encodings", "encodings.utf_8", "io")
"""What the interpreter itself imports in its main phase, with UTF-8 as the only encoding."""

_CODING = frozenset({"encode", "decode", "lookup"})
_MAXIMUM = 400


@dataclass(frozen=True, slots=True)
class LibraryModule:
    """A module of the library that is to be frozen."""

    name: str
    source: Path
    is_package: bool


def library_modules(library: Path, sources: Iterable[Path]) -> tuple[LibraryModule, ...]:
    """The modules in the directory `library` that the package with these sources needs, sorted by name."""
    find = _finder(library)
    aliases = codec_aliases(library)
    waiting = list(START)
    for source in sources:
        for node in at_run_time(_tree(source)):
            waiting += [name for name in (*_imports(node, ""), *_codecs(node, aliases)) if not name.startswith("__future__")]
    found: dict[str, LibraryModule] = {}
    while waiting:
        name = waiting.pop()
        module = find(name) if name not in found else None
        if module is None:
            continue
        found[name] = module
        if len(found) > _MAXIMUM:
            raise PublishError(f"the native program would need more than {_MAXIMUM} modules of the standard library; import less of it")
        waiting += _parents(name)
        tree = _tree(module.source)
        package = name if module.is_package else name.rpartition(".")[0]
        for node in _while_loaded(tree):
            waiting += _imports(node, package)
        waiting += [name for node in ast.walk(tree) for name in _codecs(node, aliases)]
    return tuple(sorted(found.values(), key=lambda module: module.name))


def codec_aliases(library: Path) -> dict[str, str]:
    """Other names of codecs, as the library lists them."""
    source = library / "encodings" / "aliases.py"
    for node in _tree(source).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == "aliases":
            return {str(name): str(codec) for name, codec in ast.literal_eval(node.value).items()}
    raise PublishError(f"{source.name}: has no list of codecs; the library is not as this version of publish knows it")


def _finder(library: Path) -> Callable[[str], LibraryModule | None]:
    def find(name: str) -> LibraryModule | None:
        place = library.joinpath(*name.split("."))
        if (place / "__init__.py").is_file():
            return LibraryModule(name, place / "__init__.py", is_package=True)
        source = place.with_suffix(".py")
        return LibraryModule(name, source, is_package=False) if source.is_file() else None

    return find


def _tree(source: Path) -> ast.Module:
    try:
        return ast.parse(source.read_bytes())
    except SyntaxError as error:
        raise PublishError(f"{source.name}, line {error.lineno}: this Python cannot read it: {error.msg}; publish with a newer Python") from None


def _while_loaded(node: ast.AST) -> Iterator[ast.AST]:
    """The node and what is in it that is executed when the module is: not the bodies of functions."""
    yield node
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield from _while_loaded(child)


def _parents(name: str) -> Iterator[str]:
    while "." in name:
        name = name.rpartition(".")[0]
        yield name


def _imports(node: ast.AST, package: str) -> Iterator[str]:
    """The full names in an import statement of a module in `package`; of `from a import b` also `a.b`, be that a module or not."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        parts = package.split(".") if node.level else []
        base = ".".join([*parts[: len(parts) - node.level + 1], *filter(None, [node.module])])
        yield base
        yield from (f"{base}.{alias.name}" for alias in node.names)


def _codecs(node: ast.AST, aliases: dict[str, str]) -> Iterator[str]:
    """The modules of codecs that are named in a call."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _CODING:
        for word in node.args[:1]:
            if isinstance(word, ast.Constant) and isinstance(word.value, str):
                name = word.value.lower().replace("-", "_").replace(" ", "_")
                if name.isidentifier():
                    yield "encodings." + aliases.get(name, name)
