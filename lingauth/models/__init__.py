"""One file per noun: fields, constraints, and each guarded UPDATE as a named queryset method."""

from lingauth.models.account import Account
from lingauth.models.api_key import ApiKey
from lingauth.models.backend import Backend, PolicyVersion
from lingauth.models.event import Event
from lingauth.models.factor import TotpFactor
from lingauth.models.flow import Flow
from lingauth.models.guess_limit import GuessLimit
from lingauth.models.history_seal import HistorySeal
from lingauth.models.identity import Identity
from lingauth.models.mail_job import MailJob
from lingauth.models.mail_token import MailToken
from lingauth.models.operator import Operator
from lingauth.models.provider import Provider
from lingauth.models.rate_limit import RateLimit
from lingauth.models.recovery import RecoveryCode, RecoverySet
from lingauth.models.session import Session
from lingauth.models.signing_key import SigningKey
from lingauth.models.tally import Tally

__all__ = [
    "Account",
    "ApiKey",
    "Backend",
    "Event",
    "Flow",
    "GuessLimit",
    "HistorySeal",
    "Identity",
    "MailJob",
    "MailToken",
    "Operator",
    "PolicyVersion",
    "Provider",
    "RateLimit",
    "RecoveryCode",
    "RecoverySet",
    "Session",
    "SigningKey",
    "Tally",
    "TotpFactor",
]
