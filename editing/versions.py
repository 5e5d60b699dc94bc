"""The dbt project as it lies in the folder, or as it was at a commit, copied into a folder of its
own: whoever edits on while it is built changes nothing of what is built."""

import io
import shutil
import subprocess
import tarfile
from pathlib import Path, PurePosixPath

import yaml

from editing import EditingError

PROJECT_FILE = "dbt_project.yml"


def copy_folder(folder: Path, to: Path) -> None:
    """What dbt reads of the project in `folder`, edits that are not committed included."""
    to.mkdir(parents=True)
    shutil.copy(folder / PROJECT_FILE, to)
    for part in _paths(folder):
        if (folder / part).is_dir():
            shutil.copytree(folder / part, to / part, dirs_exist_ok=True)


def copy_commit(folder: Path, base: str, to: Path) -> None:
    """The project in `folder` as it was at the commit, branch or tag `base`. Raises EditingError
    where git cannot give it."""
    to.mkdir(parents=True)
    with _archive(folder, base) as archive:
        archive.extractall(to, filter="data")
    if not (to / PROJECT_FILE).is_file():
        raise EditingError(f"BASE={base} has no {PROJECT_FILE} here: name a version that has one")


def take_back_seeds(folder: Path, base: str, copy: Path) -> list[str]:
    """Puts the seeds of `base` in the place of those in `copy`, and gives the files that differ.

    The CSVs alone: what YAML and models make of them stays. A seed that `base` does not have is
    empty but for its header. Raises EditingError where git cannot give it.
    """
    seeds = [PurePosixPath(part) for part in _settings(copy).get("seed-paths", ["seeds"])]
    before = {}
    with _archive(folder, base) as archive:
        for member in archive.getmembers():
            path = PurePosixPath(member.name)
            of_seeds = any(path.is_relative_to(part) for part in seeds)
            if member.isfile() and path.suffix == ".csv" and of_seeds:
                before[path.as_posix()] = archive.extractfile(member).read()
    now = {
        path.relative_to(copy).as_posix(): path.read_bytes()
        for part in seeds
        for path in (copy / part).rglob("*.csv")
    }
    for file, content in now.items():
        (copy / file).write_bytes(before.get(file, content.splitlines(keepends=True)[0]))
    for file in before.keys() - now.keys():
        (copy / file).parent.mkdir(parents=True, exist_ok=True)
        (copy / file).write_bytes(before[file])
    return sorted(file for file in before.keys() | now.keys() if before.get(file) != now.get(file))


def _settings(folder: Path) -> dict:
    return yaml.safe_load((folder / PROJECT_FILE).read_text("utf-8"))


def _paths(folder: Path) -> list[str]:
    kinds = [key for key in _settings(folder) if key.endswith("-paths")]
    return sorted({part for key in kinds for part in _settings(folder)[key]})


def _archive(folder: Path, base: str) -> tarfile.TarFile:
    """All files of a commit, from `folder` downwards."""
    found = _git(
        folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{base}^{{commit}}"
    )
    if found.returncode:
        said = found.stderr.decode(errors="replace").strip()
        raise EditingError(
            f"BASE={base} is no commit, branch or tag of {folder}{': ' + said if said else ''}; "
            "`git branch --all` and `git log` list them"
        )
    packed = _git(folder, "archive", "--format=tar", found.stdout.decode().strip())
    if packed.returncode:
        raise EditingError(
            f"git cannot give BASE={base}: {packed.stderr.decode(errors='replace').strip()}"
        )
    return tarfile.open(fileobj=io.BytesIO(packed.stdout))


def _git(folder: Path, *words: str) -> subprocess.CompletedProcess:
    try:
        return subprocess.run(["git", *words], cwd=folder, capture_output=True, check=False)
    except FileNotFoundError:
        raise EditingError("there is no git here, which keeps the earlier versions") from None
