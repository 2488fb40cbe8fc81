"""What a text is: what is kept of one that people entered, and when two of them are the same.

The one place that decides it, for cells, forms, files, conflicts, posted pages, letters and numbers. Whoever looks at a
text sees neither a mark of no width nor which of five middle dots was typed, so neither may decide anything.

    cleaned       what is kept of one line that a person entered
    cleaned_lines the same for text of several lines
    half_width    `cleaned`, compatible characters made plain: numbers, choices, addresses
    squeezed      `half_width` without blanks, every dash a hyphen: codes, days, phones
    compared      the key by which two names are equal; never shown, never kept
    unholdable    what no database, workbook, XML or terminal can hold
"""

from __future__ import annotations

import re
import unicodedata

from rules.keepable import is_keepable
from rules.standard_characters import AS_STANDARD

# Letters that GBK's fonts put into Unicode's private use area, and where Unicode has them (GB 18030-2005, -2022):
# the two-byte codes FE50 to FEA0 stood at U+E815 to U+E864, in this order.
GBK_LETTERS = (
    "⺁𠂇𠂉𠃌⺄㑳㑇⺈⺋龴㖞㘚㘎⺌⺗㥮㤘龵㧏㧟㩳㧐龶龷㭎㱮㳠⺧𡗗龸⺪䁖䅟⺮䌷⺳⺶⺷𢦏䎱"
    "䎬⺻䏝䓖䙡䙌龹䜣䜩䝼䞍⻊䥇䥺䥽䦂䦃䦅䦆䦟䦛䦷䦶龺𤇾䲣䲟䲠䲡䱷䲢䴓䴔䴕䴖䴗䴘䴙䶮龻"
)
GBK_REST = {
    **dict(
        zip("\ue78d\ue78e\ue78f\ue790\ue791\ue792\ue793", "\ufe10\ufe12\ufe11\ufe13\ufe14\ufe15\ufe16", strict=True)
    ),
    **dict(zip("\ue794\ue795\ue796\ue7c7\ue7c8", "\ufe17\ufe18\ufe19\u1e3f\u01f9", strict=True)),
    **dict(
        zip(
            "\ue7e7\ue7e8\ue7e9\ue7ea\ue7eb\ue7ec\ue7ed\ue7ee\ue7ef\ue7f0\ue7f1\ue7f2\ue7f3",
            "\u303e\u2ff0\u2ff1\u2ff2\u2ff3\u2ff4\u2ff5\u2ff6\u2ff7\u2ff8\u2ff9\u2ffa\u2ffb",
            strict=True,
        )
    ),
}
PRIVATE_USE = {0xE815 + place: letter for place, letter in enumerate(GBK_LETTERS)} | {
    ord(one): letter for one, letter in GBK_REST.items()
}

# Radicals and strokes that look like a letter and are another character (Unicode's EquivalentUnifiedIdeograph, as far
# as NFKC does not see to it), then the letters.
RADICALS = (
    "⺁⺂⺃⺄⺅⺆⺇⺈⺉⺊⺋⺌⺍⺎⺏⺐⺑⺒⺓⺔⺕⺖⺗⺘⺙⺛⺜⺝⺞⺠⺡⺢⺣⺤⺥⺦⺧⺨⺩⺪"
    "⺫⺬⺭⺮⺯⺰⺱⺲⺳⺴⺵⺶⺷⺸⺹⺺⺻⺼⺽⺾⺿⻀⻁⻂⻃⻄⻅⻆⻇⻈⻉⻊⻋⻌⻍⻎⻏⻐⻑⻒"
    "⻓⻔⻕⻖⻗⻘⻙⻚⻛⻜⻝⻞⻟⻠⻡⻢⻣⻤⻥⻦⻧⻨⻩⻪⻫⻬⻭⻮⻯⻰⻱⻲㇆㇏㇐㇑㇒㇓㇔㇕"
    "㇖㇗㇘㇙㇚㇛㇜㇝㇞㇟㇠㇡"
)
IDEOGRAPHS = (
    "厂乛乚乙亻冂𠘨刀刂卜㔾小小兀尣尢𡯂巳幺彑彐忄心扌攵旡日月歺民氵氺灬爫爫丬牛犭王𤴔"
    "目示礻𥫗糹纟罓罒㓁冗𦉫羊𦍌𦍋耂肀聿肉𦥑艹艹艹虎衤覀西见角𧢲讠贝𧾷车辶辶辶邑钅長镸"
    "长门𨸏阝雨青韦页风飞食𩙿飠饣𩠐马骨鬼鱼鸟卤麦黄黾斉齐歯齿竜龙龜亀𠃌乀一丨丿丿丶𠃍"
    "乛𠃊𠃎𠄌亅𡿨𠃋乀𠃑乚乙𠄎"
)

# What nobody sees (Unicode's Default_Ignorable_Code_Point, the object that is missing) and what looks like a blank.
UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff0-\ufffc"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
LIKE_BLANKS = re.compile("[\u115f\u1160\u3164\uffa0\u2800\U0001d159]")
ESCAPED_CONTROL = re.compile(r"_x00(?:[01][0-9A-F]|7F)_", re.IGNORECASE)  # how workbooks write what XML cannot hold
LINE_ENDS = re.compile("\r\n|[\n\r\v\f\x85\u2028\u2029]")

# Dashes: Unicode's category Pd but for the wave dashes, which mean a range, and what else is typed for one.
DASHES = re.compile(
    "[-\u02d7\u058a\u05be\u1400\u1806\u2010-\u2015\u2043\u207b\u208b\u2212\u2500\u2501\u2796\u2e17\u2e1a\u2e3a\u2e3b\u2e40"
    "\u2e5d\u30a0\u30fc\ufe31\ufe32\ufe58\ufe63\uff0d\uff70\U00010ead]+"
)

# What looks alike in names. The dot between the parts of a name is typed as any of these.
DOTS = (
    ".\u00b7\u0387\u05c4\u16eb\u2022\u2023\u2024\u2027\u2219\u22c5\u25cf\u25e6\u26ab\u2981\u2e30\u2e31\u2e33\u3002\u30fb"
    "\ua78f\uff0e\uff61\uff65"
)
OPENING = "[{〈《「『【〔〖〘〚⟨⟪⦅"
CLOSING = "]}〉》」』】〕〗〙〛⟩⟫⦆"
QUOTES = "'`´‘’‚‛“”„‟«»‹›〝〞〟＇＂ʼʻˮ′″"
CIRCLES = "○◯⚪⭕"
ONES = "一ㄧ丨"
FOREIGN = "авекмнорстухіјѕԁһԛԝӏαβεζηικμνορτυχ"
LATIN = "abekmhopctyxijsdhqwlabezhikmnoptyx"
ALSO_LATIN = {"ı": "i", "ɑ": "a", "ɡ": "g"}
KANA = "エカタトニハロ"
HAN = "工力夕卜二八口"
ALIKE = str.maketrans(
    dict(zip(RADICALS + FOREIGN + KANA, IDEOGRAPHS + LATIN + HAN, strict=True))
    | dict.fromkeys(DOTS, "·")
    | dict.fromkeys(OPENING, "(")
    | dict.fromkeys(CLOSING, ")")
    | dict.fromkeys(QUOTES, '"')
    | dict.fromkeys(CIRCLES, "〇")
    | {"、": ",", **ALSO_LATIN}
)
IN_LATIN = str.maketrans(FOREIGN + FOREIGN.upper(), LATIN + LATIN.upper())
NOUGHT = re.compile("(?<=[一二三四五六七八九〇])[0o](?=[一二三四五六七八九〇])")


def unholdable(text: str) -> str:
    """What no database, workbook, XML or terminal can hold, by its number and place; empty where there is nothing.

    Lone halves of surrogate pairs, noncharacters, and controls that are no blanks. The text itself is not repeated.
    """
    found = next((place for place, one in enumerate(text, 1) if not is_keepable(one)), 0)
    return f"第 {found} 个字符 U+{ord(text[found - 1]):04X} 不是文字，无法保存" if found else ""


def holdable(text: str) -> str:
    """Text in which a blank stands for whatever cannot be held: for what is shown, never for what is kept."""
    return "".join(one if is_keepable(one) else " " for one in text)


def cleaned(text: str) -> str:
    """One line as it is kept: composed (NFC), blanks of every kind single and inside only, nothing that is not seen.

    Lone surrogates and noncharacters stay, for `unholdable` to find: a letter was lost there, and nobody knows which.
    """
    plain = ESCAPED_CONTROL.sub(" ", text.translate(PRIVATE_USE))
    seen = LIKE_BLANKS.sub(" ", UNSEEN.sub("", unicodedata.normalize("NFC", UNSEEN.sub("", plain))))
    return " ".join("".join(filter(_is_seen, seen)).split())


def cleaned_lines(text: str) -> str:
    """Text of several lines, each `cleaned`; no empty ones at the ends."""
    return "\n".join(cleaned(line) for line in LINE_ENDS.split(text)).strip("\n")


def half_width(text: str) -> str:
    """`cleaned`, with full-width and other compatible characters made plain."""
    return cleaned(unicodedata.normalize("NFKC", cleaned(text)))


def hyphened(text: str) -> str:
    """Text in which every dash, of any width or several in a row, is one hyphen: where a hyphen is all it can mean."""
    return DASHES.sub("-", text)


def squeezed(text: str) -> str:
    """`half_width` without blanks, its dashes hyphens."""
    return hyphened("".join(half_width(text).split()))


def compared(name: str) -> str:
    """The key by which two names are equal.

    Width, case, blanks, marks that nobody sees, which of several characters that look alike was typed (dots, dashes,
    brackets, quotes, foreign letters, radicals), and traditional forms do not matter. A name that is only similar keeps
    its own key.
    """
    plain = "".join(half_width(name).casefold().translate(ALIKE).translate(AS_STANDARD).split())
    return re.sub(f"[{ONES}]", "-", hyphened(NOUGHT.sub("〇", plain)))


def latin(code: str) -> str:
    """A code with its Greek and Cyrillic letters made the Latin ones that look the same (`Р01`, Cyrillic, is `P01`)."""
    return code.translate(IN_LATIN)


def is_plain(character: str) -> bool:
    """Whether everybody sees the character and every system knows it: no control, no mark, nothing private."""
    hidden = unicodedata.category(character)[0] == "C" or UNSEEN.match(character) or LIKE_BLANKS.match(character)
    return not hidden


def _is_seen(character: str) -> bool:
    return character.isspace() or unicodedata.category(character) not in ("Cc", "Cf")
