"""Where connections may not lead: URLs, options and addresses that somebody made up to get at the server itself."""

import socket
from typing import Any

import pytest

from apps.base.errors import Invalid, Unavailable
from apps.data.addresses import resolved
from apps.data.models import ConnectionKind
from apps.data.urls import address_of

HOSTILE = [
    # Sockets and files of the server.
    "postgresql:///shop",
    "postgresql:///shop?host=/var/run/postgresql",
    "postgresql://u:geheim@%2Fvar%2Frun%2Fpostgresql/shop",
    "postgresql://u:geheim@%2Ftmp/shop",
    "postgresql://u:geheim@%40abstract/shop",
    "postgresql://u:geheim@db.example.com/shop?host=/tmp",
    "postgresql://u:geheim@db.example.com/shop?hostaddr=127.0.0.1",
    "postgresql://u:geheim@db.example.com/shop?service=production",
    "postgresql://u:geheim@db.example.com/shop?servicefile=/etc/passwd",
    "postgresql://u:geheim@db.example.com/shop?passfile=/root/.pgpass",
    "postgresql://u:geheim@db.example.com/shop?sslrootcert=/etc/passwd",
    "postgresql://u:geheim@db.example.com/shop?sslcert=/etc/ssl/cert.pem&sslkey=/etc/ssl/key.pem",
    "postgresql://u:geheim@db.example.com/shop?sslcrldir=/etc",
    "postgresql://u:geheim@db.example.com/shop?sslkeylogfile=/tmp/keys",
    "postgresql://u:geheim@db.example.com/shop?options=-c%20default_transaction_read_only%3Doff",
    "postgresql://u:geheim@db.example.com/shop?krbsrvname=x&gsslib=gssapi",
    "postgresql://u:geheim@db.example.com/shop?load_balance_hosts=random",
    "postgresql://u:geheim@db.example.com/shop?sslmode=require&sslmode=disable",
    "postgresql://u:geheim@db.example.com/shop?sslmode=verify-ca%20host%3D%2Ftmp",
    # More than one server, so that one of them is not looked at.
    "postgresql://u:geheim@db.example.com,127.0.0.1/shop",
    "postgresql://u:geheim@db.example.com:5432,127.0.0.1:5432/shop",
    # A string of options in the place of a name.
    "postgresql://u:geheim@db.example.com/host%3D%2Ftmp%20dbname%3Dshop",
    "postgresql://u:geheim@db.example.com/postgresql%3A%2F%2F127.0.0.1%2Fshop",
    "postgresql://u:geheim@db.example.com/shop%00",
    "postgresql://u:geheim@db.example.com/shop%0Ahost%3D%2Ftmp",
    "postgresql://u%20host=%2Ftmp:geheim@db example.com/shop",
    "postgresql://u:geheim@db.example.com@127.0.0.1/shop",
    "postgresql://u:geheim@db.example.com#@127.0.0.1/shop",
    "postgresql://u:geheim@db.example.com:99999/shop",
    "postgresql://u:geheim@[::1/shop",
    "mysql://u:geheim@db.example.com/shop?unix_socket=/run/mysqld/mysqld.sock",
    "mysql://u:geheim@db.example.com/shop?allow_local_infile=1",
    "mysql://u:geheim@db.example.com/shop?local_infile=1&init_command=SET%20x",
    "mysql://u:geheim@db.example.com/shop?option_files=/etc/mysql/my.cnf",
    "mysql://u:geheim@db.example.com/shop?ssl_ca=/etc/passwd",
    "mysql://u:geheim@db.example.com/shop?plugin_dir=/tmp",
    "mariadb://u:geheim@%2Frun%2Fmysqld%2Fmysqld.sock/shop",
    # Other ways to files, and to who knows where.
    "file:///etc/passwd",
    "sqlite:////etc/passwd",
    "duckdb:///shop?custom_user_agent=x",
    "mssql+pyodbc://u:geheim@host/shop?driver=/tmp/evil.so",
    "oracle://u:geheim@host/shop",
    "sqlite+pysqlcipher://u:geheim@host//etc/passwd",
    # What a driver does that nobody here knows.
    "trino://u:geheim@/shop",
    "trino:////etc/passwd",
    "trino://u:geheim@%2Ftmp%2Fsocket/shop",
    "trino://u:geheim@db.example.com,127.0.0.1/shop",
    "trino://u:geheim@db.example.com@127.0.0.1/shop",
    "trino://u:geheim@db.example.com#@127.0.0.1/shop",
    "trino://u:geheim@db.example.com\\@127.0.0.1/shop",
    "trino://u:geheim@db.example.com:99999/shop",
    "trino://u:geheim@[::1/shop",
    "trino://u:geheim@db.example.com/shop?host=127.0.0.1",
    "trino://u:geheim@db.example.com/shop?plugin=evil",
    "trino://u:geheim@db.example.com/host=127.0.0.1",
    "trino://u:geheim@db.example.com/trino://127.0.0.1",
    "trino+evil://u:geheim@db.example.com/shop",
    "firebird://u:geheim@db.example.com/shop?charset=UTF8&charset=NONE",
    "firebird://u:geheim@db.example.com/shop?charset=a%0Ab",
    "firebird://u:geheim@db.example.com/shop?charset=UTF8&fb_client_library=/tmp/evil.so",
    "http://169.254.169.254/latest/meta-data/",
    "geheim",
    "",
]


@pytest.mark.parametrize("url", HOSTILE)
def test_a_hostile_url_is_refused_without_a_word_of_its_password(url: str) -> None:
    with pytest.raises(Invalid) as refused:
        address_of(url)
    assert "geheim" not in f"{refused.value.message}{refused.value.details}"


def test_a_url_is_taken_apart() -> None:
    address = address_of("postgres://ana%40lyst:p%2F%40ss@DB.Example.com.:6543/shop?sslmode=verify-full")
    assert (address.kind, address.host, address.port) == (ConnectionKind.POSTGRESQL, "db.example.com", 6543)
    assert (address.user, address.secret, address.database) == ("ana@lyst", "p/@ss", "shop")
    assert address.options == {"sslmode": "verify-full"}
    assert "p/@ss" not in repr(address)


def test_a_dialect_that_is_a_kind_of_its_own_becomes_it() -> None:
    address = address_of("postgresql+psycopg2://ana:p@db.example.com/shop?sslmode=require")
    assert (address.kind, address.dialect, address.secret) == (ConnectionKind.POSTGRESQL, "", "p")
    assert address_of("mariadb+pymysql://ana:p@db.example.com/shop").kind == ConnectionKind.MYSQL
    with pytest.raises(Invalid):
        address_of("postgresql+psycopg2://ana:p@db.example.com/shop?service=production")


def test_a_url_of_an_allowed_dialect_is_a_secret_as_a_whole() -> None:
    address = address_of("Firebird://ana%40x:p%2F%40s@DB.Example.com.:3051//data/shop.fdb?charset=UTF8")
    assert (address.kind, address.dialect) == (ConnectionKind.SQLALCHEMY, "firebird")
    assert (address.host, address.port, address.database) == ("db.example.com", 3051, "/data/shop.fdb")
    assert (address.user, address.options) == ("", {})
    assert address.secret == "firebird://ana%40x:p%2F%40s@db.example.com:3051//data/shop.fdb?charset=UTF8"
    assert "p%2F" not in repr(address)


INNER = [
    *(
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f.0.0.1",
        "0",
        "0.0.0.0",
        "localhost",
        "LOCALHOST.",
        "::1",
        "::",
    ),
    *(
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "169.254.169.254",
        "fe80::1",
        "fc00::1",
        "224.0.0.1",
    ),
    *(
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "255.255.255.255",
        "192.0.2.1",
    ),
]


@pytest.mark.parametrize("host", INNER)
def test_what_only_the_server_reaches_is_refused(settings: Any, host: str) -> None:
    settings.CONNECTION_PRIVATE_HOSTS = []
    with pytest.raises((Invalid, Unavailable)):
        resolved(host, 5432)


def test_a_name_is_as_good_as_its_worst_address(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.CONNECTION_PRIVATE_HOSTS = []
    both = ["93.184.215.14", "127.0.0.1"]

    def both_ways(host: str, port: int, **_: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in both]

    monkeypatch.setattr(socket, "getaddrinfo", both_ways)
    with pytest.raises(Invalid, match="NOTEBOOK_CONNECTION_PRIVATE_HOSTS"):
        resolved("rebound.example.com", 5432)
    both.pop()
    assert resolved("public.example.com", 5432) == "93.184.215.14"


@pytest.mark.parametrize("allowed", ["127.0.0.0/8", "127.0.0.1", "localhost"])
def test_an_administrator_allows_some(settings: Any, allowed: str) -> None:
    settings.CONNECTION_PRIVATE_HOSTS = [allowed]
    host = "localhost" if allowed == "localhost" else "127.0.0.1"
    assert resolved(host, 5432) in ("127.0.0.1", "::1")
    with pytest.raises(Invalid):
        resolved("10.0.0.1", 5432)
