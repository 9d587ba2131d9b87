"""The codes of all issues: one enum, mirrored by `docs/reference/issues.md` and `tests/deliveries/<code>/`."""

from enum import StrEnum
from typing import Literal

Severity = Literal["error", "warning"]


class Code(StrEnum):
    """What can be wrong with data. Codes begin with their subject, noun first, and are never reused."""

    DELIVERY_CELL_DATE = "delivery-cell-date"
    DELIVERY_CELL_FORMULA = "delivery-cell-formula"
    DELIVERY_COLUMN_DUPLICATE = "delivery-column-duplicate"
    DELIVERY_COLUMN_MISSING = "delivery-column-missing"
    DELIVERY_COLUMN_UNMAPPED = "delivery-column-unmapped"
    DELIVERY_EMPTY = "delivery-empty"
    DELIVERY_ENCODING_LEGACY = "delivery-encoding-legacy"
    DELIVERY_FILE_MISSING = "delivery-file-missing"
    DELIVERY_FILE_UNREADABLE = "delivery-file-unreadable"
    DELIVERY_FORMAT_UNKNOWN = "delivery-format-unknown"
    DELIVERY_KEY_DUPLICATE = "delivery-key-duplicate"
    DELIVERY_LIMIT_EXCEEDED = "delivery-limit-exceeded"
    DELIVERY_LINE_TORN = "delivery-line-torn"
    DELIVERY_MAPPING_INVALID = "delivery-mapping-invalid"
    DELIVERY_MEMBER_REFUSED = "delivery-member-refused"
    DELIVERY_NAME_DUPLICATE = "delivery-name-duplicate"
    DELIVERY_NUMBER_NOT_FINITE = "delivery-number-not-finite"
    DELIVERY_PATH_ESCAPES = "delivery-path-escapes"
    DELIVERY_POLARITY_MISSING = "delivery-polarity-missing"
    DELIVERY_RETRACTION_INVALID = "delivery-retraction-invalid"
    DELIVERY_ROW_NOT_OBJECT = "delivery-row-not-object"
    DELIVERY_ROW_RAGGED = "delivery-row-ragged"
    DELIVERY_SCORES_MISALIGNED = "delivery-scores-misaligned"
    DELIVERY_SETTINGS_INVALID = "delivery-settings-invalid"
    DELIVERY_SETTINGS_MISSING = "delivery-settings-missing"
    DELIVERY_SHEET_HIDDEN = "delivery-sheet-hidden"
    DELIVERY_TEXT_UNDECODABLE = "delivery-text-undecodable"
    DELIVERY_VALUE_UNMAPPED = "delivery-value-unmapped"
    DELIVERY_VALUE_UNREADABLE = "delivery-value-unreadable"

    INSTANCE_CHOICES_INVALID = "instance-choices-invalid"
    INSTANCE_CHOICES_MISSING = "instance-choices-missing"
    INSTANCE_FIELD_MISPLACED = "instance-field-misplaced"
    INSTANCE_FIELD_MISSING = "instance-field-missing"
    INSTANCE_FIELD_UNKNOWN = "instance-field-unknown"
    INSTANCE_ID_DISAGREES = "instance-id-disagrees"
    INSTANCE_ID_DUPLICATE = "instance-id-duplicate"
    INSTANCE_ID_MALFORMED = "instance-id-malformed"
    INSTANCE_PARENT_UNKNOWN = "instance-parent-unknown"
    INSTANCE_PERSONAL_DATA = "instance-personal-data"
    INSTANCE_PROMPT_BLANK = "instance-prompt-blank"
    INSTANCE_PROMPT_TYPE_UNKNOWN = "instance-prompt-type-unknown"
    INSTANCE_RESPONSE_EMPTY = "instance-response-empty"
    INSTANCE_RISK_FACTOR_UNKNOWN = "instance-risk-factor-unknown"
    INSTANCE_SAFE_CHOICES_INVALID = "instance-safe-choices-invalid"
    INSTANCE_TEXT_BIDIRECTIONAL = "instance-text-bidirectional"
    INSTANCE_TEXT_CONTROL = "instance-text-control"
    INSTANCE_TEXT_DUPLICATE = "instance-text-duplicate"
    INSTANCE_TEXT_INVISIBLE = "instance-text-invisible"
    INSTANCE_TEXT_JAMO = "instance-text-jamo"
    INSTANCE_TEXT_LANGUAGE = "instance-text-language"
    INSTANCE_TEXT_LENGTH = "instance-text-length"
    INSTANCE_TEXT_MOJIBAKE = "instance-text-mojibake"
    INSTANCE_TEXT_NEAR_DUPLICATE = "instance-text-near-duplicate"
    INSTANCE_TEXT_NORMALIZED = "instance-text-normalized"
    INSTANCE_TEXT_NOT_NFC = "instance-text-not-nfc"
    INSTANCE_TEXT_REPLACEMENT = "instance-text-replacement"
    INSTANCE_TEXT_WHITESPACE = "instance-text-whitespace"
    INSTANCE_TURNS_INVALID = "instance-turns-invalid"
    INSTANCE_TURNS_MISSING = "instance-turns-missing"
    INSTANCE_VALUE_INVALID = "instance-value-invalid"

    MEDIA_ANIMATED = "media-animated"
    MEDIA_DECODER_FAILED = "media-decoder-failed"
    MEDIA_DIGEST_MISMATCH = "media-digest-mismatch"
    MEDIA_DUPLICATE = "media-duplicate"
    MEDIA_DURATION_MISMATCH = "media-duration-mismatch"
    MEDIA_DURATION_ZERO = "media-duration-zero"
    MEDIA_EMPTY = "media-empty"
    MEDIA_EXTENSION_MISMATCH = "media-extension-mismatch"
    MEDIA_FILE_MISSING = "media-file-missing"
    MEDIA_FORMAT_DISCOURAGED = "media-format-discouraged"
    MEDIA_FORMAT_UNSUPPORTED = "media-format-unsupported"
    MEDIA_HEADER_MALFORMED = "media-header-malformed"
    MEDIA_METADATA_IRREMOVABLE = "media-metadata-irremovable"
    MEDIA_METADATA_PRIVATE = "media-metadata-private"
    MEDIA_MODALITY_MISMATCH = "media-modality-mismatch"
    MEDIA_NEAR_DUPLICATE = "media-near-duplicate"
    MEDIA_PATH_ESCAPES = "media-path-escapes"
    MEDIA_SILENT = "media-silent"
    MEDIA_SINGLE_COLOUR = "media-single-colour"
    MEDIA_SINGLE_FRAME = "media-single-frame"
    MEDIA_STREAM_MISSING = "media-stream-missing"
    MEDIA_TOO_LARGE = "media-too-large"
    MEDIA_TRUNCATED = "media-truncated"
    MEDIA_UNREADABLE = "media-unreadable"
    MEDIA_UNREFERENCED = "media-unreferenced"

    ANNOTATION_COMMENT_SHARED = "annotation-comment-shared"
    ANNOTATION_COPIED = "annotation-copied"
    ANNOTATION_DRIFT = "annotation-drift"
    ANNOTATION_DUPLICATE = "annotation-duplicate"
    ANNOTATION_FIELD_MISSING = "annotation-field-missing"
    ANNOTATION_FIELD_UNKNOWN = "annotation-field-unknown"
    ANNOTATION_JUDGEMENT_MISSING = "annotation-judgement-missing"
    ANNOTATION_LABEL_UNDECLARED = "annotation-label-undeclared"
    ANNOTATION_NONE = "annotation-none"
    ANNOTATION_ORPHAN = "annotation-orphan"
    ANNOTATION_PERSONAL_DATA = "annotation-personal-data"
    ANNOTATION_RESPONSE_UNKNOWN = "annotation-response-unknown"
    ANNOTATION_SPEED_IMPOSSIBLE = "annotation-speed-impossible"
    ANNOTATION_STRAIGHT_LINE = "annotation-straight-line"
    ANNOTATION_TOO_FEW = "annotation-too-few"
    ANNOTATION_VALUE_INVALID = "annotation-value-invalid"
    ANNOTATION_VALUE_OUT_OF_SCALE = "annotation-value-out-of-scale"

    REVIEW_CHAIN_BROKEN = "review-chain-broken"
    REVIEW_DIGEST_MISMATCH = "review-digest-mismatch"
    REVIEW_FIELD_MISSING = "review-field-missing"
    REVIEW_FIELD_UNKNOWN = "review-field-unknown"
    REVIEW_ORPHAN = "review-orphan"
    REVIEW_REVIEWER_ANNOTATED = "review-reviewer-annotated"
    REVIEW_TRANSITION_ILLEGAL = "review-transition-illegal"
    REVIEW_VALUE_INVALID = "review-value-invalid"

    POLICY_AGREEMENT_LOW = "policy-agreement-low"
    POLICY_ANNOTATION_MISSING = "policy-annotation-missing"
    POLICY_LICENSE_FORBIDDEN = "policy-license-forbidden"
    POLICY_LIMIT_EXCEEDED = "policy-limit-exceeded"
    POLICY_PLAN_UNMET = "policy-plan-unmet"
    POLICY_REVIEW_MISSING = "policy-review-missing"
    POLICY_SEED_SHARE_LOW = "policy-seed-share-low"
    POLICY_WAIVER_EXPIRED = "policy-waiver-expired"


WARNINGS = frozenset(
    {
        Code.ANNOTATION_COMMENT_SHARED,
        Code.ANNOTATION_COPIED,
        Code.ANNOTATION_DRIFT,
        Code.ANNOTATION_NONE,
        Code.ANNOTATION_PERSONAL_DATA,
        Code.ANNOTATION_SPEED_IMPOSSIBLE,
        Code.ANNOTATION_STRAIGHT_LINE,
        Code.DELIVERY_CELL_DATE,
        Code.DELIVERY_COLUMN_UNMAPPED,
        Code.DELIVERY_ENCODING_LEGACY,
        Code.DELIVERY_SCORES_MISALIGNED,
        Code.DELIVERY_SHEET_HIDDEN,
        Code.INSTANCE_CHOICES_MISSING,
        Code.INSTANCE_PERSONAL_DATA,
        Code.INSTANCE_TEXT_BIDIRECTIONAL,
        Code.INSTANCE_TEXT_CONTROL,
        Code.INSTANCE_TEXT_DUPLICATE,
        Code.INSTANCE_TEXT_INVISIBLE,
        Code.INSTANCE_TEXT_JAMO,
        Code.INSTANCE_TEXT_LANGUAGE,
        Code.INSTANCE_TEXT_LENGTH,
        Code.INSTANCE_TEXT_MOJIBAKE,
        Code.INSTANCE_TEXT_NEAR_DUPLICATE,
        Code.INSTANCE_TEXT_NORMALIZED,
        Code.INSTANCE_TEXT_NOT_NFC,
        Code.INSTANCE_TEXT_REPLACEMENT,
        Code.INSTANCE_TEXT_WHITESPACE,
        Code.INSTANCE_TURNS_MISSING,
        Code.MEDIA_ANIMATED,
        Code.MEDIA_DUPLICATE,
        Code.MEDIA_DURATION_MISMATCH,
        Code.MEDIA_FORMAT_DISCOURAGED,
        Code.MEDIA_HEADER_MALFORMED,
        Code.MEDIA_METADATA_PRIVATE,
        Code.MEDIA_NEAR_DUPLICATE,
        Code.MEDIA_SILENT,
        Code.MEDIA_SINGLE_COLOUR,
        Code.MEDIA_SINGLE_FRAME,
        Code.MEDIA_UNREFERENCED,
        Code.POLICY_WAIVER_EXPIRED,
    }
)


def severity_of(code: Code) -> Severity:
    """Return the severity of a code under the default policy."""
    return "warning" if code in WARNINGS else "error"
