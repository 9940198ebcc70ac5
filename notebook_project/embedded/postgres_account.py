"""The account that PostgreSQL runs as where we are root, which it refuses to be.

Folders of the user are never opened to others for its sake.
"""

import os
import pwd
import re
import shutil
import signal
import subprocess
from pathlib import Path

from notebook_project.processes import Account, StartError

POSTGRES_ACCOUNT = "tandem-postgres"
POSTGRES_ORPHAN_SIGNAL = signal.SIGINT  # "fast" shutdown: the sessions end, the data is in order


def account_for(cluster: Path) -> Account | None:
    """PostgreSQL refuses to run as root: then it runs as the cluster's owner, or as an account of its own."""
    if os.geteuid() != 0:
        return None
    if cluster.exists() and (owner := cluster.stat()).st_uid != 0:
        return Account(owner.st_uid, owner.st_gid)
    try:
        entry = pwd.getpwnam(POSTGRES_ACCOUNT)
    except KeyError:
        entry = _create_account()
    return Account(entry.pw_uid, entry.pw_gid)


def command_prefix(paths: list[Path], account: Account | None) -> list[str]:
    """The command that starts PostgreSQL as `account` where a folder above is closed to it, as /root is.

    Rather than open folders of the user to everyone, the server gets the one capability that passes them.
    """
    if account is None or all(_is_reachable(path, account) for path in paths):
        return []
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise StartError(
            f"PostgreSQL does not run as root, and its own account cannot enter {paths[-1].parent}: "
            "start Tandem as another user, or set NOTEBOOK_DATA_DIR to a folder that everyone may enter."
        )
    capability = "+dac_read_search" if _may_give_read_search() else "+dac_override"
    identity = ["--reuid", str(account.uid), "--regid", str(account.gid), "--clear-groups"]
    # A change of identity takes back the signal that `Program` asks for, so it is asked for here again.
    orphan_signal = ["--pdeathsig", POSTGRES_ORPHAN_SIGNAL.name.removeprefix("SIG")]
    return [setpriv, *identity, "--inh-caps", capability, "--ambient-caps", capability, *orphan_signal, "--"]


def give(folder: Path, account: Account | None) -> None:
    """Make the account the owner of one folder; without an account it is ours and stays so."""
    if account is not None:
        os.chown(folder, account.uid, account.gid)


def give_cluster(cluster: Path, account: Account | None) -> None:
    """A cluster that root put in place from a backup is root's: give it to the account."""
    if account is None or not cluster.is_dir() or cluster.stat().st_uid == account.uid:
        return
    for path in [cluster, *cluster.rglob("*")]:
        os.chown(path, account.uid, account.gid, follow_symlinks=False)


def _create_account() -> pwd.struct_passwd:
    shell = shutil.which("nologin", path="/usr/sbin:/sbin") or "/bin/false"
    command = ["useradd", "--system", "--no-create-home", "--user-group", "--shell", shell, POSTGRES_ACCOUNT]
    try:
        subprocess.run(command, check=True, capture_output=True)
        return pwd.getpwnam(POSTGRES_ACCOUNT)
    except (OSError, subprocess.CalledProcessError):
        # Minimal images have no useradd; `nobody` is everywhere, and the folder is closed to all others.
        return pwd.getpwnam("nobody")


def _is_reachable(path: Path, account: Account) -> bool:
    return all(_may_enter(folder.stat(), account) for folder in path.parents if folder.exists())


def _may_enter(status: os.stat_result, account: Account) -> bool:
    if status.st_uid == account.uid:
        return bool(status.st_mode & 0o100)
    if status.st_gid == account.gid:
        return bool(status.st_mode & 0o010)
    return bool(status.st_mode & 0o001)


def _may_give_read_search() -> bool:
    """Containers often keep only CAP_DAC_OVERRIDE of the two capabilities that pass closed folders."""
    bounding_set = re.search(r"^CapBnd:\s*([0-9a-f]+)", Path("/proc/self/status").read_text(), re.MULTILINE)
    return bounding_set is not None and bool(int(bounding_set[1], 16) & 1 << 2)
