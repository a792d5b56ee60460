// Reading the files of a commit out of git's objects: no checkout, sizes before contents.
#include <string>

#include "controller/git/libgit2.hpp"
#include "controller/git/repository.hpp"

namespace matriarch::git {
namespace {

EntryKind kind_of(const git_tree_entry* entry) {
    switch (git_tree_entry_filemode_raw(entry)) {
        case GIT_FILEMODE_BLOB:
            return EntryKind::file;
        case GIT_FILEMODE_BLOB_EXECUTABLE:
            return EntryKind::executable;
        case GIT_FILEMODE_TREE:
            return EntryKind::folder;
        case GIT_FILEMODE_LINK:
            return EntryKind::symlink;
        case GIT_FILEMODE_COMMIT:
            return EntryKind::submodule;
        default:
            return EntryKind::other;
    }
}

/// One walk over one tree.
class TreeWalk {
 public:
    TreeWalk(git_repository* repository, git_odb* objects, Content& content)
        : repository_(repository), objects_(objects), content_(content) {}

    /// Recursion ends at ContentLimits::depth, which Content::enters keeps.
    [[nodiscard]] Result<void> read(const git_oid& id, const std::string& folder, int depth) {
        git_tree* raw = nullptr;
        if (git_tree_lookup(&raw, repository_, &id) != 0) return damaged(folder);
        const TreeOwner tree(raw);
        const std::size_t count = git_tree_entrycount(raw);
        for (std::size_t i = 0; i < count && !content_.is_full(); ++i) {
            const git_tree_entry* found = git_tree_entry_byindex(raw, i);
            const Entry entry{
                .folder = folder, .name = git_tree_entry_name(found), .kind = kind_of(found)};
            const git_oid& entry_id = *git_tree_entry_id(found);
            if (entry.kind == EntryKind::folder) {
                if (!content_.enters(entry, depth)) continue;
                TRY(read(entry_id, path_of(entry), depth + 1));
            } else if (content_.wants(entry)) {
                TRY(load(entry_id, path_of(entry)));
            }
        }
        return {};
    }

 private:
    [[nodiscard]] Result<void> load(const git_oid& id, const std::string& path) {
        std::size_t bytes = 0;
        git_object_t type = GIT_OBJECT_INVALID;
        if (git_odb_read_header(&bytes, &type, objects_, &id) != 0) return damaged(path);
        if (type != GIT_OBJECT_BLOB) {
            return fail(ErrorKind::invalid, "cannot read " + path + ": its object is not a file");
        }
        if (!content_.has_room(path, bytes)) return {};
        git_blob* raw = nullptr;
        if (git_blob_lookup(&raw, repository_, &id) != 0) return damaged(path);
        const BlobOwner blob(raw);
        content_.add(path, std::string(static_cast<const char*>(git_blob_rawcontent(raw)),
                                       static_cast<std::size_t>(git_blob_rawsize(raw))));
        return {};
    }

    static tl::unexpected<Error> damaged(const std::string& path) {
        return fail_with_last_words(ErrorKind::conflict,
                                    "cannot read " + (path.empty() ? "the tree" : path));
    }

    git_repository* repository_;
    git_odb* objects_;
    Content& content_;
};

}  // namespace

Result<void> Repository::read_files(const std::string& commit, const std::string& path,
                                    Content& content) const {
    git_oid commit_id;
    git_commit* raw_commit = nullptr;
    if (git_oid_fromstr(&commit_id, commit.c_str()) != 0 ||
        git_commit_lookup(&raw_commit, raw(), &commit_id) != 0) {
        return fail_with_last_words(ErrorKind::conflict, "cannot read commit " + commit);
    }
    const CommitOwner owner(raw_commit);
    git_oid tree_id = *git_commit_tree_id(raw_commit);
    if (!path.empty()) {
        git_tree* raw_tree = nullptr;
        if (git_commit_tree(&raw_tree, raw_commit) != 0) {
            return fail_with_last_words(ErrorKind::conflict, "cannot read commit " + commit);
        }
        const TreeOwner tree(raw_tree);
        git_tree_entry* raw_entry = nullptr;
        const int code = git_tree_entry_bypath(&raw_entry, raw_tree, path.c_str());
        const TreeEntryOwner entry(raw_entry);
        if (code != 0 || kind_of(raw_entry) != EntryKind::folder) {
            return fail(ErrorKind::invalid,
                        "cannot read commit " + commit + ": it has no folder " + path,
                        "Watch another folder with --path, or add this one to the repository.");
        }
        tree_id = *git_tree_entry_id(raw_entry);
    }
    git_odb* raw_objects = nullptr;
    if (git_repository_odb(&raw_objects, raw()) != 0) {
        return fail_with_last_words(ErrorKind::conflict, "cannot read the clone");
    }
    const ObjectsOwner objects(raw_objects);
    return TreeWalk(raw(), raw_objects, content).read(tree_id, "", 1);
}

}  // namespace matriarch::git
