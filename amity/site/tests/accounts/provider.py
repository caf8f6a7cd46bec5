"""A small identity provider on this machine: OpenID Connect with real keys, real signatures, PKCE, one-time codes."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT, SECRET = "amity", "a secret between two servers"


class Provider:
    """`grant` is what a person does at the provider: they sign in there, and the browser is sent back with a code.

    What is wrong with an answer is set by the test: `lie` changes claims after they were made, `forge` signs with a key
    that is not the provider's, `alg` is the algorithm.
    """

    def __init__(self) -> None:
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.forged = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.issuer = ""
        self.codes: dict[str, dict[str, Any]] = {}
        self.lie: dict[str, Any] = {}
        self.forge = False
        self.alg = "RS256"
        self.says_of_itself: dict[str, Any] = {}
        self.asked: list[str] = []

    def grant(self, address: str, **claims: Any) -> str:
        """The query with which the browser comes back to the callback."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(16)
        self.codes[code] = {"asked": asked, "claims": claims}
        return f"code={code}&state={asked['state']}"

    def configuration(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
        } | self.says_of_itself

    def keys(self) -> dict[str, Any]:
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        return {"keys": [public | {"kid": "one", "use": "sig", "alg": "RS256"}]}

    def token(self, form: dict[str, str]) -> dict[str, Any] | None:
        """One code, once, for who has its verifier and the secret."""
        granted = self.codes.pop(form.get("code", ""), None)
        if granted is None or form.get("client_secret") != SECRET:
            return None
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != granted["asked"]["code_challenge"]:
            return None
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "sub": "person-1"}
        claims |= {"nonce": granted["asked"]["nonce"]} | granted["claims"] | self.lie
        return {"access_token": "opaque", "token_type": "Bearer", "id_token": self._signed(claims)}

    def _signed(self, claims: dict[str, Any]) -> str:
        if self.alg == "none":
            return jwt.encode(claims, key=None, algorithm="none", headers={"kid": "one"})  # type: ignore[arg-type]
        if self.alg == "HS256":
            return jwt.encode(claims, "x" * 40, algorithm="HS256", headers={"kid": "one"})
        key = self.forged if self.forge else self.key
        return jwt.encode(claims, key, algorithm=self.alg, headers={"kid": "one"})


@contextmanager
def running() -> Iterator[Provider]:
    """The provider, listening on loopback."""
    provider = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            provider.asked.append(self.path)
            known: dict[str, Callable[[], dict[str, Any]]] = {
                "/.well-known/openid-configuration": provider.configuration,
                "/keys": provider.keys,
                "/userinfo": lambda: {
                    "sub": "person-2",
                    "email": "somebody.else@tamp.example",
                    "email_verified": True,
                },
            }
            found = known.get(self.path)
            self._answer(200 if found else 404, found() if found else {})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            answer = provider.token({name: values[0] for name, values in parse_qs(body).items()})
            self._answer(200 if answer else 400, answer or {"error": "invalid_grant"})

        def _answer(self, status: int, body: dict[str, Any]) -> None:
            data = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *args: Any) -> None:
            """Tests are quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=[0.05], daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)
