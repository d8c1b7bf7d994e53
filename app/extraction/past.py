"""Whether a signature held in the past, as archive time stamps prove it (ETSI EN 319 102-1, 5.6.3).

Only the worker processes import this module.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Protocol

from pyhanko.sign.validation import EmbeddedPdfSignature, KeyUsageConstraints
from pyhanko.sign.validation.ades import AdESLTAValidationResult, ades_lta_validation
from pyhanko.sign.validation.policy_decl import (
    LocalKnowledge,
    PdfSignatureValidationSpec,
    RevinfoOnlineFetchingRule,
    RevocationInfoGatheringSpec,
    SignatureValidationSpec,
)
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.ltv.types import ValidationTimingInfo
from pyhanko_certvalidator.policy_decl import REQUIRE_REVINFO, CertRevTrustPolicy
from pyhanko_certvalidator.registry import SimpleTrustManager
from pyhanko_certvalidator.revinfo.archival import CRLContainer, OCSPContainer


class Evidence(Protocol):
    """Certificates and revocation data."""

    @property
    def certificates(self) -> Iterable[Any]:
        """Certificates that help to build a chain."""

    @property
    def crls(self) -> Iterable[Any]:
        """Lists of revoked certificates."""

    @property
    def ocsps(self) -> Iterable[Any]:
        """Answers about single certificates."""


async def holds_in_the_past(
    signature: EmbeddedPdfSignature,
    roots: Iterable[Any],
    evidence: Evidence,
    key_usage: KeyUsageConstraints,
    moment: datetime,
) -> AdESLTAValidationResult:
    """Validate with proofs of existence, without asking any other machine."""
    spec = SignatureValidationSpec(
        cert_validation_policy=CertValidationPolicySpec(
            trust_manager=SimpleTrustManager.build(list(roots)), revinfo_policy=CertRevTrustPolicy(REQUIRE_REVINFO)
        ),
        revinfo_gathering_policy=RevocationInfoGatheringSpec(RevinfoOnlineFetchingRule.LOCAL_ONLY),
        local_knowledge=LocalKnowledge(
            known_ocsps=[each for answer in evidence.ocsps for each in OCSPContainer.load_multi(answer)],
            known_crls=[CRLContainer(each) for each in evidence.crls],
            known_certs=list(evidence.certificates),
        ),
        key_usage_settings=key_usage,
    )
    return await ades_lta_validation(
        signature,
        PdfSignatureValidationSpec(spec),
        timing_info=ValidationTimingInfo(
            validation_time=moment, best_signature_time=moment, point_in_time_validation=False
        ),
    )
