"""The bare name: `load_dataset("assurai", ...)` means the chosen release.

`datasets` has no registry of names, so the function that turns a name into a dataset is wrapped where `datasets` keeps
it; every other name passes through untouched. Where `datasets` is not imported yet, it is wrapped when it is, so that
importing this package stays light.
"""

import sys
import warnings
from collections.abc import Callable, Sequence
from functools import partial, wraps
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

NAME = "assurai"
MODULES = ("datasets.load", "datasets.inspect")
FUNCTION = "dataset_module_factory"


def hook() -> None:
    """Make `datasets.load_dataset("assurai", ...)` load the chosen release; `import assurai_datasets` calls this.

    A second call changes nothing.
    """
    if _FINDER not in sys.meta_path:
        sys.meta_path.insert(0, _FINDER)
    for name in MODULES:
        module = sys.modules.get(name)
        if module is not None and not getattr(module.__spec__, "_initializing", False):
            _wrap(module)


def unhook() -> None:
    """Leave `datasets` as it was before `hook`: the name `assurai` means nothing to it any more."""
    if _FINDER in sys.meta_path:
        sys.meta_path.remove(_FINDER)
    for name in MODULES:
        original = getattr(getattr(sys.modules.get(name), FUNCTION, None), "_assurai_original", None)
        if original is not None:
            setattr(sys.modules[name], FUNCTION, original)


class _Finder:
    """Finds the modules to wrap as the other finders do, and wraps them once they are executed.

    The class that `importlib.abc` has for finders costs every import of this package more time than all the rest of it.
    """

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname not in MODULES:
            return None
        others = (finder for finder in sys.meta_path if finder is not self and hasattr(finder, "find_spec"))
        spec = next(filter(None, (finder.find_spec(fullname, path, target) for finder in others)), None)
        if spec is not None and hasattr(spec.loader, "exec_module"):
            spec.loader.exec_module = partial(_execute, spec.loader.exec_module)  # type: ignore[union-attr,method-assign]
        return spec


_FINDER = _Finder()


def _execute(execute: Callable[[ModuleType], None], module: ModuleType) -> None:
    execute(module)
    if module.__name__ in MODULES and _FINDER in sys.meta_path:
        _wrap(module)


def _wrap(module: ModuleType) -> None:
    factory = getattr(module, FUNCTION, None)
    if factory is None:
        warnings.warn(
            f"this version of datasets has no {module.__name__}.{FUNCTION}, so load_dataset({NAME!r}) cannot work; "
            'use assurai_datasets.load("text"), or load_dataset with the path of a release',
            stacklevel=2,
        )
    elif not hasattr(factory, "_assurai_original"):
        setattr(module, FUNCTION, _answering_to_the_name(factory))


def _answering_to_the_name(factory: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(factory)
    def dataset_module_factory(path: str, *arguments: Any, **named: Any) -> Any:
        if path != NAME:
            return factory(path, *arguments, **named)
        from assurai_datasets.loading.module import find_module

        return find_module(partial(factory, path), *arguments, **named)

    dataset_module_factory._assurai_original = factory  # type: ignore[attr-defined]
    return dataset_module_factory
