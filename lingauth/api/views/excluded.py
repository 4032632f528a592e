"""Ways in of the protocol that this product leaves out, answered in its words."""

from __future__ import annotations

from lingauth.core.errors import DomainError


def saml() -> DomainError:
    """``/sso``."""
    return DomainError("SAML 2.0 is disabled", code="saml_provider_disabled", status=404)


def web3() -> DomainError:
    """``grant_type=web3``."""
    return DomainError("Web3 provider is disabled", code="web3_provider_disabled", status=422)
