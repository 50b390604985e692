"""Generates service/logverdict/v1 from proto/, or with --check says whether it is up to date.

Lints with buf, and checks against proto/released.binpb (the protocol of the last release) for breaking changes.
--release makes today's protocol the released one.
"""

import filecmp
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import google.api
from grpc_tools import protoc

PROTO = Path(__file__).parent
OUT = PROTO.parent / "service"
RELEASED = PROTO / "released.binpb"
GOOGLE = Path(next(iter(google.api.__path__))).parents[1]
STUBS = ("mypy", "mypy_grpc")
FILES = sorted(str(path.relative_to(PROTO)) for path in PROTO.glob("logverdict/v1/*.proto"))
BUILTIN = Path(protoc.__file__).parent / "_proto"
PLUGINS = [f"--plugin=protoc-gen-{name}={Path(sys.executable).with_name(f'protoc-gen-{name}')}" for name in STUBS]


def run_protoc(*options: str) -> None:
    arguments = ["protoc", f"-I{PROTO}", f"-I{GOOGLE}", f"-I{BUILTIN}", *PLUGINS, *options, *FILES]
    if protoc.main(arguments) != 0:
        sys.exit("protoc failed")


def image(path: Path, *options: str) -> None:
    run_protoc(f"--descriptor_set_out={path}", "--include_imports", *options)


def buf(*arguments: str) -> None:
    script = Path(sys.executable).with_name("buf")
    options = ["--config", str(PROTO / "buf.yaml"), "--path", "logverdict"]
    if subprocess.run([script, *arguments, *options], check=False).returncode:
        sys.exit(f"buf {arguments[0]} found faults")


def generate(out: Path) -> Path:
    """Writes the package below `out` and returns its folder."""
    run_protoc(f"--python_out={out}", f"--grpc_python_out={out}", f"--mypy_out={out}", f"--mypy_grpc_out={out}")
    package = out / "logverdict" / "v1"
    modules = [Path(file).stem for file in FILES]
    lines = ['"""The protocol, generated from proto/: do not edit."""', ""]
    names = sorted([f"{module}_pb2" for module in modules] + ["verification_service_pb2_grpc"])
    lines += [f"from logverdict.v1 import {name} as {name}" for name in names]
    (package / "__init__.py").write_text("\n".join(lines) + "\n")
    (package / "py.typed").touch()
    return package


def check() -> None:
    with tempfile.TemporaryDirectory() as folder:
        fresh = generate(Path(folder))
        names = sorted(path.name for path in fresh.iterdir())
        present = sorted(path.name for path in (OUT / "logverdict" / "v1").glob("*.py*"))
        present = sorted({*present, "py.typed"})
        same, other, _ = filecmp.cmpfiles(fresh, OUT / "logverdict" / "v1", names, shallow=False)
        if other or len(same) != len(names) or set(present) - set(names):
            sys.exit("service/logverdict/v1 is not what proto/ gives: run `make gen`")
        now = Path(folder) / "now.binpb"
        image(now, "--include_source_info")
        buf("lint", str(now))
        buf("breaking", str(now), "--against", str(RELEASED))


def main(option: str = "") -> None:
    if option == "--check":
        check()
    elif option == "--release":
        image(RELEASED)
    else:
        shutil.rmtree(OUT / "logverdict" / "v1", ignore_errors=True)
        generate(OUT)


if __name__ == "__main__":
    main(*sys.argv[1:])
