"""Compiles all mutants into one copy of property_tests: build.py; its path is the last line.

Copies of the touched files in build/mutants get switches, `matriarch_mutant() == 17 ? new : old`;
only they are compiled, and linked before the libraries that hold the originals.
"""
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from mutants import MUTANTS  # noqa: E402

REPOSITORY = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.join(REPOSITORY, "build")
SCRATCH = os.path.join(BUILD, "mutants")
SWITCH = """#include <cstdlib>
[[maybe_unused]] static int matriarch_mutant() {
    static const int number = [] {
        const char* const text = std::getenv("MATRIARCH_MUTANT");
        return text == nullptr ? -1 : std::atoi(text);
    }();
    return number;
}
#line 1
"""


def switched(old, variants):
    """The old text with a switch for each (number, new)."""
    marked = re.fullmatch(r"(.*)<<(.*)>>(.*)", old, re.S)
    if marked:
        return marked.group(1) + switched(marked.group(2), variants) + marked.group(3)
    condition = re.fullmatch(r"if \((.*)\) (\{|return)", old, re.S)
    if condition:
        text = condition.group(1)
        for number, new in variants:
            inner = re.fullmatch(r"if \((.*)\) (\{|return)", new, re.S).group(1)
            text = "(matriarch_mutant() == %d ? (%s) : (%s))" % (number, inner, text)
        return "if (%s) %s" % (text, condition.group(2))
    text = old
    for number, new in variants:
        if old.endswith(";"):
            text = "if (matriarch_mutant() == %d) { %s } else { %s }" % (number, new, text)
        else:
            text = "(matriarch_mutant() == %d ? (%s) : (%s))" % (number, new, text)
    return text


def edits_by_file():
    """File -> old text -> [(number, new), ...]."""
    files = {}
    for number, (_, _, edits) in enumerate(MUTANTS):
        for path, old, new in edits:
            files.setdefault(path, {}).setdefault(old, []).append((number, new))
    return files


def mutated(path, edits):
    with open(os.path.join(REPOSITORY, path)) as source:
        text = source.read()
    places = []
    for old, variants in edits.items():
        plain = old.replace("<<", "").replace(">>", "")
        if text.count(plain) != 1:
            names = ", ".join(MUTANTS[number][0] for number, _ in variants)
            sys.exit("%s: the old text of %s is there %d times, not once:\n%s"
                     % (path, names, text.count(plain), plain))
        places.append((text.index(plain), plain, switched(old, variants)))
    for start, old, new in sorted(places, reverse=True):
        text = text[:start] + new + text[start + len(old):]
    return SWITCH + text


def command_for(target):
    listed = subprocess.run(["ninja", "-C", BUILD, "-t", "commands", "-s", target], text=True,
                            capture_output=True, check=True)
    return listed.stdout.strip().splitlines()[-1]


def compile_one(path, text):
    copy = os.path.join(SCRATCH, path)
    os.makedirs(os.path.dirname(copy), exist_ok=True)
    is_same = os.path.exists(copy) and open(copy).read() == text
    if not is_same:
        with open(copy, "w") as out:
            out.write(text)
    folder, name = os.path.split(path)
    library = {"reconcilers": "reconcilers", "controller/loop": "loop"}[folder]
    target = "%s/CMakeFiles/%s.dir/%s.o" % (folder, library, name)
    # ninja knows what the original depends on.
    original = os.path.getmtime(os.path.join(BUILD, target))
    if is_same and os.path.exists(copy + ".o") and os.path.getmtime(copy + ".o") > original:
        return None, copy + ".o"
    command = command_for(target).replace(target + ".d", copy + ".d").replace(target, copy + ".o")
    command = command.replace(os.path.join(REPOSITORY, path), copy).replace("-Werror", "-w")
    return subprocess.Popen(command, shell=True, cwd=BUILD), copy + ".o"


def main():
    objects, running = [], []
    for path, edits in sorted(edits_by_file().items()):
        child, target = compile_one(path, mutated(path, edits))
        objects.append(target)
        if child is None:
            continue
        running.append(child)
        if len(running) >= (os.cpu_count() or 1):
            if running.pop(0).wait() != 0:
                sys.exit("a mutant does not compile")
    if any([child.wait() for child in running]):
        sys.exit("a mutant does not compile")
    program = os.path.join(SCRATCH, "property_tests")
    link = command_for("tests/property/property_tests")
    link = link.replace("-o tests/property/property_tests",
                        " ".join(objects) + " -o " + program)
    subprocess.run(link, shell=True, cwd=BUILD, check=True)
    print(program)


if __name__ == "__main__":
    main()
