"""Where a connection may lead. A person gives the address and this server goes there, so it must not become a way to
what only the server can reach: itself, its neighbours, the files and sockets of its machine.

Of a driver's options only those that are known to be harmless are allowed. A name is resolved once for each query, and
the query goes to the address that was looked at; of drivers that are not known here see databases/by_url.py.
"""

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from django.conf import settings

from apps.base.errors import Invalid, Unavailable
from apps.data.models import MAX_PART_CHARS, ConnectionKind

# What people may choose of a driver's options: how the way is encrypted. All others name files, commands, services or
# addresses of this server, or switch its protection off.
OPTIONS: dict[ConnectionKind, dict[str, tuple[str, ...]]] = {
    ConnectionKind.POSTGRESQL: {"sslmode": ("disable", "prefer", "require", "verify-full")},
    # Its driver compares certificates with the address alone, which is none that certificates have.
    ConnectionKind.MYSQL: {"sslmode": ("disable", "require")},
    ConnectionKind.SQLITE: {},
    ConnectionKind.DUCKDB: {},
    # Those that its URL may have are the administrator's to say.
    ConnectionKind.SQLALCHEMY: {},
}

PRIVATE = (
    "Databases at {host} cannot be reached from here: its address is of this server or of a private network. An "
    "administrator can allow it with NOTEBOOK_CONNECTION_PRIVATE_HOSTS."
)


def checked_host(host: str) -> str:
    """The name or address of one host."""
    host = host.strip().removeprefix("[").removesuffix("]").rstrip(".").lower()
    if not host:
        raise Invalid("Give the name or the address of the database's server.", field="host")
    if host.startswith(("/", "@")) or "/" in host or "\\" in host:
        raise Invalid("Sockets of this server cannot be used. Give a name or an address.", field="host")
    allowed = all(letter.isalnum() or letter in "-._:%" for letter in host)
    if not allowed or len(host) > MAX_PART_CHARS or "%" in host:
        raise Invalid(
            "A host is one name or address, such as db.example.com, without a port or spaces.", field="host"
        )
    return host


def checked_part(text: str, name: str) -> str:
    """The name of a database or of a user: text of one line, which is no option in disguise."""
    if len(text) > MAX_PART_CHARS or not text.isprintable():
        raise Invalid(f"The {name} has at most {MAX_PART_CHARS} characters, all on one line.", field=name)
    if name == "database" and ("=" in text or "://" in text):
        # libpq would read it as a whole string of options.
        raise Invalid("Give the name of the database alone, without options.", field=name)
    return text


def checked_secret(text: str) -> str:
    if len(text) > MAX_PART_CHARS or "\x00" in text:
        raise Invalid(f"A password has at most {MAX_PART_CHARS} characters.", field="secret")
    return text


def checked_options(kind: ConnectionKind, options: dict[str, str]) -> dict[str, str]:
    known = OPTIONS[kind]
    for name, value in options.items():
        if name not in known:
            shown = name[:40] if name.isprintable() else "this"
            usable = f"can be {', '.join(known)}" if known else "there are none"
            raise Invalid(f"The option {shown} is not allowed: options {usable}.", field="options")
        if value not in known[name]:
            raise Invalid(f"{name} is one of {', '.join(known[name])}.", field="options")
    return dict(options)


def checked_port(port: int | None) -> int | None:
    """None, or 0: the usual one of the kind."""
    if port and not 1 <= port <= 65535:
        raise Invalid("A port is a number from 1 to 65535.", field="port")
    return port or None


def resolved(host: str, port: int) -> str:
    """The address to connect to. Invalid if it is one that people may not reach, Unavailable if there is none.

    If any of a name's addresses is not allowed, none is: who can make a name lead to both is up to no good.
    """
    host = checked_host(host)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Unavailable(f"There is no server called {host}, or its name cannot be resolved now.") from None
    addresses = [ip_address(str(place[0]).partition("%")[0]) for *_, place in found]
    if not addresses or not all(_is_allowed(host, address) for address in addresses):
        raise Invalid(PRIVATE.format(host=host), field="host")
    return str(addresses[0])


def _is_allowed(host: str, address: IPv4Address | IPv6Address) -> bool:
    inner = [address, *_within(address)]
    if all(_is_public(each) for each in inner):
        return True
    allowed: list[str] = settings.CONNECTION_PRIVATE_HOSTS
    if host in [text.lower() for text in allowed]:
        return True
    networks = [ip_network(text) for text in allowed if not any(map(str.isalpha, text)) or ":" in text]
    return all(_is_public(each) or any(each in network for network in networks) for each in inner)


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    return address.is_global and not address.is_multicast and not address.is_unspecified


def _within(address: IPv4Address | IPv6Address) -> list[IPv4Address]:
    """The IPv4 addresses that an IPv6 one stands for, where a network translates it."""
    if isinstance(address, IPv4Address):
        return []
    found = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if address in ip_network("64:ff9b::/96"):
        found.append(IPv4Address(int(address) & 0xFFFFFFFF))
    return [each for each in found if each is not None]
