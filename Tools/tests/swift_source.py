"""Swift read as far as Tidy needs it: code without comments and strings, and what it declares."""

import re

# A quote that is text inside an interpolation would end a string too early; Tidy judges lines and
# braces, for which it is enough that the brackets of an interpolation are skipped as a whole.
TOKEN = re.compile(r'(?P<line>//[^\n]*)|(?P<block>/\*)|(?P<hashes>#*)"(?P<three>"")?')
FUNCTION = re.compile(
    r"^\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:[a-z]+(?:\([a-z]+\))?\s+)*?(?:func\s+\S|init[?(<]|deinit\b)")
DECLARATION = re.compile(
    r"^(?P<indent>\s*)(?:@\w+(?:\([^)]*\))?\s+)*(?P<access>public|package|open)\s+"
    r"(?:(?:static|final|mutating|nonmutating|nonisolated(?:\(\w+\))?|indirect|borrowing|consuming|"
    r"convenience|required|override|lazy|weak|unowned|"
    r"(?:internal|private|fileprivate|package)\(set\))"
    r"\s+)*(?P<kind>struct|class|enum|actor|protocol|func|var|let|init|subscript|typealias)\b"
    r"\s*(?P<name>\w*)"
)
TYPE = re.compile(
    r"^(?:@\w+(?:\([^)]*\))?\s+)*(?:(?:public|package|open|final|indirect|private|fileprivate)\s+)*"
    r"(?P<kind>struct|class|enum|actor|protocol|typealias|func|let|var|extension)\s+"
    r"(?P<name>[\w.]+)"
)


def blank(text):
    """The text with comments and string literals overwritten by spaces; lines keep their places."""
    out, place = [], 0
    while True:
        match = TOKEN.search(text, place)
        if match is None:
            return "".join(out) + text[place:]
        out.append(text[place:match.start()])
        if match["line"] is not None:
            end = match.end()
        elif match["block"] is not None:
            end = end_of_comment(text, match.end())
        else:
            end = end_of_string(text, match)
        out.append(re.sub(r"[^\n]", " ", text[match.start():end]))
        place = end


def end_of_comment(text, place):
    depth = 1
    while depth and place < len(text):
        if text.startswith("/*", place):
            depth, place = depth + 1, place + 2
        elif text.startswith("*/", place):
            depth, place = depth - 1, place + 2
        else:
            place += 1
    return place


def end_of_string(text, match):
    hashes = match["hashes"]
    close = ('"""' if match["three"] else '"') + hashes
    escape = "\\" + hashes
    place = match.end()
    while place < len(text):
        if text.startswith(close, place):
            return place + len(close)
        if text.startswith(escape + "(", place):
            place = end_of_interpolation(text, place + len(escape) + 1)
        elif text.startswith(escape, place):
            place += len(escape) + 1
        else:
            place += 1
    return place


def end_of_interpolation(text, place):
    depth = 1
    while depth and place < len(text):
        match = TOKEN.match(text, place)
        if match and match["line"] is None and match["block"] is None:
            place = end_of_string(text, match)
            continue
        depth += {"(": 1, ")": -1}.get(text[place], 0)
        place += 1
    return place


def functions(code):
    """Each function of blanked code with a body: (first line, number of lines), from 1."""
    lines = code.split("\n")
    for index, line in enumerate(lines):
        if FUNCTION.match(line) is None:
            continue
        depth = round_brackets = 0
        opened = False
        for offset, text in enumerate(lines[index:]):
            if offset and not opened and round_brackets == 0 and DECLARATION.match(text):
                break  # a requirement of a protocol, which has no body
            for character in text:
                if character in "([":
                    round_brackets += 1
                elif character in ")]":
                    round_brackets -= 1
                elif character == "{":
                    depth, opened = depth + 1, True
                elif character == "}":
                    depth -= 1
            if opened and depth <= 0:
                yield index + 1, offset + 1
                break
            if depth < 0:
                break


def undocumented(text):
    """Each public or package declaration without a comment: (line, kind, name)."""
    lines = text.split("\n")
    code = blank(text).split("\n")
    for index, line in enumerate(code):
        match = DECLARATION.match(line)
        if match is None:
            continue
        above = index - 1
        told = False
        depth = 0
        # Attributes stand between a declaration and its comment; an option's help is its comment.
        while above >= 0:
            stripped = code[above].strip()
            depth += code[above].count(")") - code[above].count("(")
            if lines[above].lstrip().startswith("///"):
                told = True
                break
            if "help:" in stripped:
                told = True
                break
            # A plain comment may stand between, such as the rule that a function decides.
            is_comment = lines[above].lstrip().startswith("//")
            if depth <= 0 and not stripped.startswith("@") and not is_comment:
                break
            above -= 1
        if "help:" in line:
            told = True
        if not told:
            yield index + 1, match["kind"], match["name"]


def requirements(code):
    """The names of the functions that the protocols of blanked code demand."""
    for match in re.finditer(r"\bprotocol\s+\w+[^{]*\{", code):
        body, depth = match.end(), 1
        while depth and body < len(code):
            depth += {"{": 1, "}": -1}.get(code[body], 0)
            body += 1
        yield from re.findall(r"\bfunc\s+(\w+)", code[match.end():body])


def top_level_names(code):
    """The names that a file of blanked code declares at its top: (kind, name)."""
    for line in code.split("\n"):
        match = TYPE.match(line)
        if match:
            yield match["kind"], match["name"]
