"""Having the programs: desksim is built where it stands, the peers in a scratch folder."""

import json
import os
import pathlib
import shlex
import shutil
import subprocess
import sys
import tomllib

from .running import Skipped, say

PEERS = pathlib.Path(__file__).resolve().parent.parent
ROOT = PEERS.parent.parent


def shell(command, **options):
    """Runs a step of the installation; its output is shown only if it fails."""
    say("  $", shlex.join(str(word) for word in command))
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, **options)
    if done.returncode != 0:
        lines = [line.strip() for line in (done.stderr or done.stdout).splitlines() if line.strip()]
        say(*(f"    {line}" for line in lines[-20:]), sep="\n")
        errors = [line for line in lines if line.lower().startswith("error")] or lines[-1:] or ["no reason given"]
        raise Skipped(f"{pathlib.Path(command[0]).name} says \"{errors[0].rstrip('.')}\"")
    return done.stdout


def needed(tool):
    if shutil.which(tool) is None:
        raise Skipped(f"there is no {tool} here")


def build_desksim():
    """desksim, and the program that writes the ticket desk's scenario."""
    needed("cargo")
    built = shell(
        ["cargo", "build", "--release", "--bin", "desksim", "--example", "ticket_desk", "--message-format", "json"],
        cwd=ROOT,
    )
    messages = map(json.loads, built.splitlines())
    paths = {m["target"]["name"]: m["executable"] for m in messages if m.get("executable")}
    return paths["desksim"], paths["ticket_desk"]


def install_python(scratch, package):
    """The interpreter that has a package, and the package's version."""
    environment = scratch / "python"
    interpreter = environment / "bin" / "python"
    if not interpreter.exists():
        shell([sys.executable, "-m", "venv", environment])
    wanted = [line for line in (PEERS / "python" / "requirements.txt").read_text().split() if line.startswith(package)]
    shell([interpreter, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *wanted])
    return interpreter, wanted[0].partition("==")[2]


def install_rust(scratch, crate):
    """A Rust peer's program, and the crate's version."""
    needed("cargo")
    environment = {**os.environ, "CARGO_TARGET_DIR": str(scratch / "rust")}
    if crate == "desim":
        # It asks for coroutines, which stable Rust has but hides.
        environment["RUSTC_BOOTSTRAP"] = "1"
    manifest = PEERS / "rust" / "Cargo.toml"
    options = ["--release", "--locked", "--quiet", "--manifest-path", manifest, "--features", crate, "--bin", crate]
    shell(["cargo", "build", *options], env=environment)
    lock = tomllib.loads((PEERS / "rust" / "Cargo.lock").read_text())
    (version,) = [package["version"] for package in lock["package"] if package["name"] == crate]
    return scratch / "rust" / "release" / crate, version


def install_simmer(scratch):
    """R with simmer, Debian's or CRAN's, and simmer's version."""
    needed("Rscript")
    library = scratch / "r"
    library.mkdir(exist_ok=True)
    os.environ["R_LIBS_USER"] = str(library)
    version = ["Rscript", "-e", 'cat(as.character(packageVersion("simmer")))']
    try:
        return shell(version)
    except Skipped:
        install = 'install.packages("simmer", lib = Sys.getenv("R_LIBS_USER"))'
        shell(["Rscript", "-e", f"chooseCRANmirror(graphics = FALSE, ind = 1); {install}"])
        return shell(version)
