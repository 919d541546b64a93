"""The import system of the core stage, run here on the built-in modules of the interpreter of the tests."""

from __future__ import annotations

import _imp
import sys
from collections.abc import Callable
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from cli.publish.native import core_import

ABSENT = "omnirelay.absent"


@pytest.fixture
def loaded() -> dict[str, ModuleType]:
    modules: dict[str, ModuleType] = {}
    core_import._install(SimpleNamespace(modules=modules, implementation=sys.implementation), _imp)
    return modules


def find(name: str) -> ModuleType:
    module: ModuleType = core_import._find_and_load(name, find)
    return module


def test_a_linked_module_is_loaded_once_and_runs(loaded: dict[str, ModuleType]) -> None:
    module = find("errno")
    assert module.ENOENT == 2
    assert loaded == {"errno": module}
    assert find("errno") is module
    spec: Any = module.__spec__
    assert (spec.name, spec.parent) == ("errno", "")
    assert core_import._module_repr(module) == "<module 'errno' (built-in)>"


@pytest.mark.parametrize("name", [ABSENT, "json", ""])
def test_what_is_not_linked_is_not_found(loaded: dict[str, ModuleType], name: str) -> None:
    loaded["omnirelay"] = ModuleType("omnirelay")
    with pytest.raises(ModuleNotFoundError, match="is linked into this program"):
        find(name)
    assert list(loaded) == ["omnirelay"]


def test_parents_are_loaded_first_and_get_their_child(loaded: dict[str, ModuleType], monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []

    def create(spec: Any) -> ModuleType:
        order.append(spec.name)
        return ModuleType(spec.name)

    monkeypatch.setattr(core_import, "is_builtin", lambda name: 1)
    monkeypatch.setattr(core_import, "create", create)
    monkeypatch.setattr(core_import, "execute", lambda module: 0)
    leaf = find("a.b.c")
    assert order == ["a", "a.b", "a.b.c"]
    assert loaded["a.b"].__dict__["c"] is leaf
    assert core_import._handle_fromlist(loaded["a"], ("b", "d"), find) is loaded["a"]
    assert order[3:] == ["a.d"]


def test_a_module_that_fails_is_not_kept(loaded: dict[str, ModuleType], monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(module: ModuleType) -> int:
        assert module.__name__ in loaded
        raise KeyboardInterrupt

    monkeypatch.setattr(core_import, "execute", fail)
    with pytest.raises(KeyboardInterrupt):
        find("errno")
    assert loaded == {}


def test_names_that_are_nowhere_are_left_to_the_importing_statement(loaded: dict[str, ModuleType]) -> None:
    module = find("errno")
    asked: list[str] = []
    importer: Callable[[str], None] = asked.append
    assert core_import._handle_fromlist(module, ("ENOENT", "NOPE"), importer) is module
    assert asked == []
