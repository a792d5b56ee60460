// Objects of a stranger's repository, read as the git child reads them: a commit, its trees, its
// files. They are loose objects, as in the child's own clone; ids are right, everything else is the
// input's. (libgit2's store in memory ends no object with the NUL that its readers rely on.)
//
// An input is a list of objects between bytes 0xFF: first a letter (b, t, c or r), then its bytes.
// b: a file. c: a commit, whose tree is the object before it. r: a tree as it is.
// t: a tree; each line "mode name N" is an entry, and N says which object before it.
#include <git2.h>
#include <sanitizer/lsan_interface.h>
#include <stdlib.h>  // NOLINT(modernize-deprecated-headers): mkdtemp is POSIX

#include <charconv>
#include <cstdlib>
#include <filesystem>

#include "controller/git/content.hpp"
#include "controller/git/repository.hpp"
#include "controller/git/wire.hpp"
#include "specs/node.hpp"
#include "specs/values/check.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace matriarch::fuzz {
namespace {

/// A clone in a folder of its own that holds no objects but those of one input.
class Store {
 public:
    Store() {
        std::string folder = (std::filesystem::temp_directory_path() / "fuzz-git-XXXXXX").string();
        CHECK(::mkdtemp(folder.data()) != nullptr, "there is a folder");
        folder_ = folder;
        CHECK(git::start_library(folder, "").has_value(), "libgit2 starts");
        // What was read of one input must not answer for the next.
        git_libgit2_opts(GIT_OPT_ENABLE_CACHING, 0);
        auto opened = git::Repository::open_or_create(folder);
        CHECK(opened.has_value(), "there is a clone");
        repository_.emplace(std::move(*opened));
        CHECK(git_repository_odb(&objects_, repository_->raw()) == 0, "it has objects");
    }
    ~Store() {
        git_odb_free(objects_);
        std::filesystem::remove_all(folder_);
    }
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;

    git_oid write(const std::string& bytes, git_object_t type) {
        git_oid id{};
        CHECK(git_odb_write(&id, objects_, bytes.data(), bytes.size(), type) == 0,
              "an object is kept");
        return id;
    }
    void forget() {
        for (const auto& entry : std::filesystem::directory_iterator(objects_folder())) {
            if (entry.path().filename().string().size() == 2) {
                std::filesystem::remove_all(entry.path());
            }
        }
    }
    [[nodiscard]] const git::Repository& repository() const { return *repository_; }

 private:
    [[nodiscard]] std::filesystem::path objects_folder() const {
        return std::filesystem::path(git_repository_path(repository_->raw())) / "objects";
    }

    std::filesystem::path folder_{};
    std::optional<git::Repository> repository_{};
    git_odb* objects_{nullptr};
};

std::string hex(const git_oid& id) {
    std::string text(GIT_OID_HEXSZ, '0');
    git_oid_fmt(text.data(), &id);
    return text;
}

std::string raw(const git_oid& id) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bytes are bytes
    return {reinterpret_cast<const char*>(id.id), GIT_OID_RAWSZ};
}

/// "100644 a.yaml 2" -> an entry that names the object two before; an unknown one names nothing.
std::string tree_of(std::string_view lines, const std::vector<git_oid>& before) {
    std::string tree;
    while (!lines.empty()) {
        std::string_view line = lines.substr(0, lines.find('\n'));
        lines.remove_prefix(std::min(line.size() + 1, lines.size()));
        const std::size_t space = line.rfind(' ');
        if (space == std::string_view::npos) continue;
        std::size_t back = 0;
        std::from_chars(line.data() + space + 1, line.data() + line.size(), back);
        const bool is_known = back > 0 && back <= before.size();
        tree.append(line.substr(0, space)).push_back('\0');
        tree += is_known ? raw(before[before.size() - back]) : std::string(GIT_OID_RAWSZ, '\x11');
    }
    return tree;
}

std::string commit_of(std::string_view rest, const std::vector<git_oid>& before) {
    const std::string tree = before.empty() ? std::string(GIT_OID_HEXSZ, '1') : hex(before.back());
    return "tree " + tree + "\n" + std::string(rest);
}

void check_content(const std::string& commit, const git::Repository& repository) {
    const auto facts = repository.facts(commit);
    if (!facts) return check_error(facts.error());
    check_error({.message = "as a message: " + facts->subject + facts->author + facts->email});
    for (const char* path : {"", "fleet"}) {
        git::Content content(std::string(path) + "/");
        const auto read = repository.read_files(commit, path, content);
        if (!read) check_error(read.error());
        git::Revision revision = *facts;
        content.move_into(revision);
        CHECK(revision.files.size() <= git::ContentLimits::files, "no more files than allowed");
        for (const git::File& file : revision.files) {
            check_shown(file.path);
            if (file.error) check_error(*file.error);
            if (file.error || file.kind != git::FileKind::yaml) continue;
            CHECK(specs::decode(file.content, file.shown).has_value(), "what is sent is a tree");
        }
        for (const git::Problem& problem : revision.problems) {
            check_shown(problem.path);
            check_shown(problem.message);
        }
    }
}

}  // namespace

void try_input(std::string_view input) {
    static Store store;
    std::vector<git_oid> objects;
    std::vector<std::string> commits;
    for (std::string_view part : parts_of(input)) {
        const unsigned char kind = take_byte(part);
        if (kind == 'b') objects.push_back(store.write(std::string(part), GIT_OBJECT_BLOB));
        if (kind == 't') objects.push_back(store.write(tree_of(part, objects), GIT_OBJECT_TREE));
        if (kind == 'r') objects.push_back(store.write(std::string(part), GIT_OBJECT_TREE));
        if (kind != 'c') continue;
        objects.push_back(store.write(commit_of(part, objects), GIT_OBJECT_COMMIT));
        commits.push_back(hex(objects.back()));
    }
    // libgit2 1.5 leaks where its walk meets damage; the child lives for one question.
    const __lsan::ScopedDisabler no_leaks;
    for (const std::string& commit : commits) {
        check_content(commit, store.repository());
        static_cast<void>(store.repository().relation(commits.front(), commit));
    }
    store.forget();
}

}  // namespace matriarch::fuzz
