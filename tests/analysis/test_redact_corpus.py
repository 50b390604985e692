"""What is a secret leaves, in every notation; what people need to read stays. Values are invented, made of parts."""

import base64
import re
import string
from random import Random

import polars as pl
import pytest

from logverdict.analysis.count import kept_keys
from logverdict.analysis.redact import redact

CHANCE = Random(7)
LETTERS = string.ascii_letters
MIXED = string.ascii_letters + string.digits
UPPER = string.ascii_uppercase + string.digits
LOWER = string.ascii_lowercase
HEX = "0123456789abcdef"
PLAIN = "Correct" + "Horse" + "Battery"
"""Holds no digit: what masks numbers does not hide it."""
ODD = "Hu7" + "!pa$" + "Zwo?qu%"


def some(signs: str, length: int) -> str:
    return "".join(CHANCE.choice(signs) for _ in range(length))


def coded(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def token(*parts: str) -> str:
    return "".join(parts)


TOKENS = {
    "aws access key": token("AK", "IA", some(UPPER, 16)),
    "aws access key of letters": token("AK", "IA", some(string.ascii_uppercase, 16)),
    "aws session key": token("AS", "IA", some(string.ascii_uppercase, 16)),
    "github": token("gh", "p_", some(LETTERS, 36)),
    "github app": token("gh", "s_", some(MIXED, 36)),
    "github fine-grained": token("github", "_pat_", some(LETTERS, 22), "_", some(LETTERS, 59)),
    "gitlab": token("gl", "pat-", some(LETTERS, 20)),
    "gitlab with signs": token("gl", "pat-", some(LETTERS, 8), "-", some(LETTERS, 5), "_", some(LETTERS, 5)),
    "gitlab runner": token("gl", "rt-", some(LETTERS, 20)),
    "slack bot": token("xo", "xb-", some(string.digits, 12), "-", some(string.digits, 12), "-", some(LETTERS, 24)),
    "slack app": token("xa", "pp-1-", some(UPPER, 11), "-", some(string.digits, 13), "-", some(LOWER, 32)),
    "slack webhook": token("https://hooks.", "slack.com/services/T", some(UPPER, 8), "/B", some(UPPER, 8), "/", PLAIN),
    "stripe": token("sk", "_live_", some(LETTERS, 24)),
    "stripe restricted": token("rk", "_live_", some(LETTERS, 24)),
    "stripe webhook": token("wh", "sec_", some(LETTERS, 32)),
    "npm": token("np", "m_", some(LETTERS, 36)),
    "pypi": token("py", "pi-", "AgEIcHlwaS5vcmc", some(LETTERS + "-_", 60), some(LETTERS, 4)),
    "google api": token("AI", "za", some(LETTERS, 17), "-", some(LETTERS, 17)),
    "google oauth": token("ya", "29.a0", some(LETTERS, 28), "-2", some(LETTERS, 30)),
    "sendgrid": token("SG", ".", some(LETTERS, 22), ".", some(LETTERS, 43)),
    "openai": token("sk", "-proj-", some(LETTERS, 20), "-", some(LETTERS, 28)),
    "digitalocean": token("dop", "_v1_", some(HEX, 64)),
    "vault": token("hv", "s.", some(LETTERS, 24)),
    "hugging face": token("h", "f_", some(LETTERS, 34)),
    "json web token": token(
        "ey", coded('{"alg":"HS256"}')[2:], ".", coded('{"sub":"ann","a":1}'), ".", some(LETTERS, 43)
    ),
}
ISSUED = {
    f"{name} {place}": (text.format(secret), secret)
    for name, secret in TOKENS.items()
    for place, text in {
        "alone": "{}",
        "in a sentence": "using {} for the upload",
        "in quotes": 'client("{}") made',
        "in a path": "GET /hook?k={}&x=1 200",
    }.items()
    if place != "in a path" or not secret.startswith("http")
}

NAMES = (
    *("password", "passwd", "pwd", "PASSWORD", "db_password", "DB_PASSWORD", "spring.datasource.password"),
    *("secret", "client_secret", "clientSecret", "aws_secret_access_key", "AWS_SECRET_ACCESS_KEY", "secretKey"),
    *("api_key", "apikey", "apiKey", "x-api-key", "X-Api-Key", "access_key", "private_key", "passphrase"),
    *("token", "access_token", "refreshToken", "auth_token", "session_id", "sessionid", "JSESSIONID", "credentials"),
    *("signature", "X-Amz-Signature", "sig", "otp", "pin_code", "cvv"),
)
FORMS = {
    "env": "{name}={value}",
    "export": "export {name}='{value}'",
    "logfmt": 'level=info {name}={value} user=17 msg="ok now"',
    "logfmt quoted": 'level=info {name}="{value} and more" user=17',
    "json": '{{"user": "x", "{name}": "{value}", "n": 1}}',
    "json packed": '{{"{name}":"{value}"}}',
    "json in json": '{{"body": "{{\\"{name}\\": \\"{value}\\"}}"}}',
    "python": "{{'{name}': '{value}', 'n': 1}}",
    "yaml": "{name}: {value}",
    "flag": "run --{name} {value} --verbose",
    "flag with sign": "run --{name}={value} --verbose",
    "query": "GET /login?{name}={value}&next=home 200",
    "xml": "<user><{name}>{value}</{name}></user>",
    "xml attribute": '<login {name}="{value}"/>',
    "arrow": '{{:{name}=>"{value}"}}',
    "java": "Config({name}={value}, url=x)",
    "colon equals": "{name} := {value}",
}
NAMED = {
    f"{form} {name}": (text.format(name=name, value=value), value)
    for form, text in FORMS.items()
    for name in NAMES
    for value in (PLAIN,)
}
NAMED |= {
    f"{form} with signs": (FORMS[form].format(name="password", value=ODD), ODD)
    for form in ("env", "export", "logfmt", "logfmt quoted", "json", "python", "yaml", "flag", "xml")
}
BODY = "\n".join(some(LETTERS + "+/", 64) for _ in range(4))
MARK = "-" * 5


def block(kind: str, end: str = "\n", last: bool = True) -> str:
    begin, stop = f"{MARK}BEGIN {kind}{MARK}", f"{MARK}END {kind}{MARK}"
    return end.join([begin, *BODY.split("\n"), *([stop] if last else [])])


OTHERS = {
    "private key": (f"loaded {block('RSA PRIVATE' + ' KEY')}", BODY),
    "private key without end": (f"loaded {block('PRIVATE' + ' KEY', last=False)}", BODY),
    "private key escaped": (f'{{"pem":"{block("EC PRIVATE" + " KEY", chr(92) + "n")}"}}', BODY),
    "ssh key": (block("OPENSSH PRIVATE" + " KEY"), BODY),
    "pgp key": (block("PGP PRIVATE KEY" + " BLOCK"), BODY),
    "basic auth in a URL": (f"GET https://bob:{PLAIN}@db.example/x", PLAIN),
    "basic auth with signs": (f"GET https://bob:{PLAIN}:a/b@db.example/x", PLAIN),
    "password without user": (f"redis://:{PLAIN}@cache:6379/0 refused", PLAIN),
    "token as the user of a URL": (f"cloning https://{PLAIN}@git.example/x.git", PLAIN),
    "connection string of PostgreSQL": (f"postgresql+asyncpg://app:{PLAIN}@db:5432/shop?ssl=on", PLAIN),
    "connection string of MongoDB": (f"mongodb+srv://app:{PLAIN}@c.example/?w=1", PLAIN),
    "connection string of AMQP": (f"amqps://app:{PLAIN}@mq/%2F", PLAIN),
    "connection string of libpq": (f"host=db user=app password='{PLAIN}' dbname=x", PLAIN),
    "connection string of SQL Server": (f"Server=db;User Id=app;Password={PLAIN};Encrypt=true", PLAIN),
    "connection string of JDBC": (f"jdbc:oracle:thin:app/{PLAIN}@//db:1521/x", PLAIN),
    "connection string of Azure": (f"DefaultEndpointsProtocol=https;AccountName=x;AccountKey={PLAIN}==;", PLAIN),
    "connection string of Service Bus": (f"SharedAccessKeyName=x;SharedAccessKey={PLAIN}=;EntityPath=y", PLAIN),
    "bearer header": (f"Authorization: Bearer {PLAIN}", PLAIN),
    "bearer header in JSON": (f'{{"Authorization": "Bearer {PLAIN}.a-b", "n": 1}}', PLAIN),
    "bearer header in lists": (f'{{"authorization":["Bearer {PLAIN}"]}}', PLAIN),
    "bearer header of curl": (f"curl -H 'Authorization: Bearer {PLAIN}' https://x", PLAIN),
    "bearer alone": (f"sent Bearer {PLAIN} to db", PLAIN),
    "basic header": (f"Authorization: Basic {PLAIN}==", PLAIN),
    "basic alone": (f"header Basic {PLAIN}Q== refused", PLAIN),
    "proxy header": (f"Proxy-Authorization: Basic {PLAIN}", PLAIN),
    "token header": (f"Authorization: Token token={PLAIN}", PLAIN),
    "signed header": (f"Authorization: AWS4-HMAC-SHA256 Credential=x/y, SignedHeaders=host, Signature={PLAIN}", PLAIN),
    "digest header": (f'Authorization: Digest username="bob", nonce="x", response="{PLAIN}"', PLAIN),
    "cookie header": (f"Cookie: theme=dark; sid={PLAIN}; a=b", PLAIN),
    "set-cookie header": (f"Set-Cookie: sid={PLAIN}; Path=/; HttpOnly", PLAIN),
    "cookies in JSON": (f'{{"cookie": "theme=dark; sid={PLAIN}"}}', PLAIN),
    "curl's user": (f"curl -u bob:{PLAIN} https://x", PLAIN),
    "mysql's password": (f"mysql -ubob -p{PLAIN} shop", PLAIN),
    "in words": (f"password is {PLAIN}", PLAIN),
    "user and password in words": (f"login of bob with password '{PLAIN}' failed", PLAIN),
    "SQL": (f"ALTER USER bob WITH PASSWORD '{PLAIN}'", PLAIN),
    "SQL of MySQL": (f"CREATE USER bob IDENTIFIED BY '{PLAIN}'", PLAIN),
    "e-mail": ("mail to ann.leemann@mail.example.org sent", "leemann"),
    "e-mail in brackets": ("from=<ann.leemann+x@example.org>", "leemann"),
    "e-mail encoded": ("GET /u?mail=ann.leemann%40example.org", "leemann"),
    "e-mail of umlauts": ("mail to jürg.müller@example.org sent", "jürg"),
    "card": ("paid with 4" + "111 1111 1111 1111.", "1111"),
    "card with dashes": ("paid with 5" + "500-0000-0000-0004.", "0000"),
    "card in one": ("pan=4" + "111111111111111", "1111"),
    "amex": ("paid with 3" + "782 822463 10005", "822463"),
    "IBAN": ("to CH" + "93 0076 2011 6238 5295 7", "6238"),
    "IBAN in one": ("to DE" + "89370400440532013000 booked", "37040044"),
    "IBAN with letters": ("to GB" + "29 NWBK 6016 1331 9268 19", "6016 1331"),
    "social security number": ("ssn 078" + "-05-1120", "1120"),
}
SECRETS = ISSUED | NAMED | OTHERS


def pieces(secret: str) -> set[str]:
    """Runs of four letters or more: shorter ones may stand elsewhere in a line by chance."""
    return {one for one in re.findall(r"[^\W_]{4,}", secret.rsplit("://", maxsplit=1)[-1]) if one not in PUBLIC}


PUBLIC = {"https", "hooks", "slack", "services", "proj", "live", "pypi", "xapp", "xoxb", "glpat", "glrt", "github"}


@pytest.mark.parametrize("what", SECRETS)
def test_nothing_of_a_secret_is_kept(what: str) -> None:
    """Neither as it is logged (samples of sources, recordings) nor as counts keep it (keys)."""
    message, secret = SECRETS[what]
    given = pl.Series([message], dtype=pl.String)
    for kept in (redact(given)[0], kept_keys(given)[0]):
        left = [piece for piece in pieces(secret) if piece in kept]
        assert not left, f"{left} in {kept!r}"


@pytest.mark.parametrize("what", SECRETS)
def test_a_second_time_changes_nothing(what: str) -> None:
    """What was redacted stays as it is."""
    once = redact(pl.Series([SECRETS[what][0]], dtype=pl.String))
    assert redact(once).to_list() == once.to_list()


READABLE = (
    "commit 3f64f5e0c1d2b3a495867788990aabbccddeeff0 deployed",
    "request 7d9f3c2a-1b2c-4d5e-8f90-a1b2c3d4e5f6 failed",
    "payments 2.14.0-rc.1+build.77 started",
    "open /var/lib/app/current/config.yaml: no such file or directory",
    "connect to 10.0.3.17:5432 refused",
    "from 192.168.1.20 to [fe80::1]:443",
    "at 2026-03-01T10:00:00.123456789Z took 41 ms",
    "order 4111222233334445 not found",  # sixteen digits that are no card's
    "trace_id=4bf92f3577b34da6a3ce929d0e0e4736 span_id=00f067aa0ba902b7",
    "epoch 1772359200123 lag 1200",
    "image registry.example/shop/api@sha256:9b2c4d5e",
    "user@host: connection closed",
    "token expired",
    "invalid token, please log in again",
    "password must not be empty",
    "password is required",
    "secret not found in vault",
    "passwords do not match",
    "tokens: 512",
    "authorization failed for role admin",
    "Authorization header is missing",
    "cookie consent shown",
    "session closed by peer",
    "bearer of bad news",
    "Basic authentication is deprecated",
    "unexpected token } in JSON at position 4",
    "monkey=17 turkey: 4",
    "key=orders partition=3",
    "assigned pin 4 of gpio",
    "signal: killed",
    "design: approved",
    "https://docs.example/a:b/c@d",
    "GET https://db.example:8443/x@y 200",
    "GB 12 of disk left, DE 20",
    "phone list 12-34-5678 lines",
    "author: ann",
    "keyboard interrupt, tokenizer=fast",
    "max_tokens=4096",
    "java.lang.NullPointerException: Cannot invoke Token.get()",
)


@pytest.mark.parametrize("message", READABLE)
def test_what_is_no_secret_stays(message: str) -> None:
    """Hashes, ids, versions, paths, private addresses, and talk about secrets can be read."""
    assert redact(pl.Series([message], dtype=pl.String)).to_list() == [message]
