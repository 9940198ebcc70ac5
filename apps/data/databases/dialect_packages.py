"""Which package brings a dialect of SQLAlchemy, for the sentence that says that it is missing."""

_PACKAGES = {
    "awsathena": "PyAthena[SQLAlchemy]",
    "bigquery": "sqlalchemy-bigquery",
    "clickhouse": "clickhouse-sqlalchemy",
    "clickhousedb": "clickhouse-connect",
    "cockroachdb": "sqlalchemy-cockroachdb",
    "crate": "sqlalchemy-cratedb",
    "databricks": "databricks-sqlalchemy",
    "db2": "ibm_db_sa",
    "dremio": "sqlalchemy-dremio",
    "druid": "pydruid[sqlalchemy]",
    "exa": "sqlalchemy-exasol",
    "firebird": "sqlalchemy-firebird",
    "hana": "sqlalchemy-hana",
    "hive": "pyhive[hive]",
    "ibm_db_sa": "ibm_db_sa",
    "monetdb": "sqlalchemy-monetdb",
    "redshift": "sqlalchemy-redshift",
    "snowflake": "snowflake-sqlalchemy",
    "teradatasql": "teradatasqlalchemy",
    "trino": "trino[sqlalchemy]",
    "vertica": "sqlalchemy-vertica-python",
}


def package_of(dialect: str, error: Exception) -> str:
    """Of a dialect as URLs begin with it, which SQLAlchemy cannot load because of the error."""
    name = dialect.partition("+")[0]
    missing = error.name if isinstance(error, ModuleNotFoundError) else None
    if missing:
        package = f"the Python package of the driver, whose module is {missing}"
    elif name in _PACKAGES:
        package = f"the Python package {_PACKAGES[name]}"
    else:
        package = f"the Python package that brings SQLAlchemy's dialect {dialect}"
    return f"The driver for {dialect} is not installed here. Ask your administrator to install {package}."
