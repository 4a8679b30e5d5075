"""What does the owners' archive say of itself: what is in it, what is not, and how to prove it whole? (C4)"""

from collections.abc import Sequence
from datetime import date

from models.engagement import Engagement
from models.rules.archive import FOLDERS, PARTS, REASONS, LeftOut, Part
from reports.words import Voice, voice_of

READ_ME = "README.txt"


def read_me(engagement: Engagement, audit_sequence: int, audit_hash: str, *, with_people: bool) -> str:
    """The page to read first, in both languages; it names no day, so that the same records give the same bytes."""
    return "\n\n".join(
        _page(engagement, audit_sequence, audit_hash, Voice(language, engagement.currency, ""), with_people)
        for language in (("zh", "en") if voice_of(engagement).language == "zh" else ("en", "zh"))
    )


def _page(
    engagement: Engagement, audit_sequence: int, audit_hash: str, voice: Voice, with_people: bool
) -> str:
    people = voice(
        "The owners' register is in 03-papers/owners-register.csv: it holds personal data; keep it as the law asks."
        if with_people
        else "The owners' register (names, telephone numbers, addresses) is not in this archive.",
        "业主名册见03-papers/owners-register.csv，含个人信息，请依法保管。"
        if with_people
        else "本档案不含业主名册（姓名、电话、地址）。",
    )
    lines = [
        voice("ARCHIVE OF THE CUSTODY FOR THE OWNERS", "物业托管档案（交业主方）"),
        "",
        f"{voice('Property', '物业')}: {engagement.property_name} ({engagement.code})",
        f"{voice('Client', '委托方')}: {engagement.client_name}",
        f"{voice('Custodian', '托管方')}: {engagement.custodian_name}",
        f"{voice('Term', '托管期')}: {engagement.term_start} – {engagement.term_end}",
        voice(
            f"Holds everything recorded up to entry {audit_sequence} of the audit trail ({audit_hash[:16]}).",
            f"含截至操作审计第{audit_sequence}条（{audit_hash[:16]}）的全部记录。",
        ),
        "",
        voice("WHAT IS IN IT", "内容"),
        *(f"  {folder:<22} {voice(*words)}" for folder, words in FOLDERS.items()),
        voice(
            "Tables are CSV files (UTF-8); any spreadsheet opens them. Times are the property's own, with their offset. "
            "A text that a spreadsheet would take for a formula has a ' before it. Numbers of other records (order, "
            "plan, ...) are found in the first column, id, of their table.",
            "表格为CSV文件（UTF-8），可用任何表格软件打开。时间为物业当地时间并注明时差。可能被当作公式的文字前加“'”。"
            "其他记录的序号（工单、方案等）见相应表格首列（id）。",
        ),
        people,
        "",
        voice(
            "WHAT IS NOT IN IT (left-out.csv says it table by table)", "未附内容（逐表说明见left-out.csv）"
        ),
        *(f"  - {voice(*words)}" for why, words in REASONS.items() if why is not LeftOut.LOST),
        "",
        voice("IS IT WHOLE?", "完整性核对"),
        voice(
            "manifest.csv lists every file with its size and SHA-256. Check them here with `sha256sum -c SHA256SUMS`, or "
            "with `steward handover verify-archive`. The SHA-256 of manifest.csv stands in the handover protocol: if it "
            "is the same, nothing was changed.",
            "manifest.csv列出每个文件的大小与SHA-256。可在本目录执行sha256sum -c SHA256SUMS，或用steward handover "
            "verify-archive核对。交接书载有manifest.csv的SHA-256，一致即未被改动。",
        ),
        "",
    ]
    return "\n".join(lines)


def part_title(part: Part, voice: Voice) -> str:
    """What a table of the archive is called."""
    return voice(part.en, part.zh)


def left_out_rows(
    tables: Sequence[tuple[str, str, LeftOut]], voice: Voice
) -> list[tuple[str, str, str, str]]:
    """Record, column or file, why, and the reason in words."""
    titles = {part.table: part for part in PARTS}
    return [
        (
            f"{part_title(titles[table], voice)} ({table})" if table in titles else table,
            what,
            why.value,
            voice(*REASONS[why]),
        )
        for table, what, why in tables
    ]


def archive_sentence(archive: tuple[str, date, int] | None, voice: Voice) -> str:
    """Which archive the owners get, by hash, day and number of files; or that none was made."""
    if archive is None:
        return voice(
            "No archive of the records has been made for the owners yet.", "尚未为业主方制作托管档案。"
        )
    sha256, made_on, files = archive
    return voice(
        f"The archive of all records for the owners was made on {voice.day(made_on)}: {files:,} files; SHA-256 of its "
        f"manifest {sha256}.",
        f"交业主方的托管档案制作于{voice.day(made_on)}，共{files:,}个文件；其目录（manifest.csv）的SHA-256为{sha256}。",
    )
