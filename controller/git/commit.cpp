// A commit of ours, made of objects alone: no work tree, no index of the user's. They are gathered
// in memory and stored as one pack: single objects are renamed from folder to folder, which the
// first Landlock (Linux 5.13) forbids altogether.
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "controller/git/edit.hpp"
#include "controller/git/libgit2.hpp"
#include "controller/git/repository.hpp"

namespace matriarch::git {
namespace {

/// Who commits. It is no address that anybody reads.
constexpr const char* our_name = "matriarch";
constexpr const char* our_mail = "matriarch@localhost";
constexpr const char* our_notes = "refs/notes/matriarch";

tl::unexpected<Error> no_commit() {
    return fail_with_last_words(ErrorKind::unavailable, "cannot make a commit");
}

/// Before any other place for objects.
constexpr int first_of_all = 999;

/// What is written goes into memory until it is stored.
class Gathering {
 public:
    Result<void> begin(git_repository* repository) {
        git_odb* objects = nullptr;
        if (git_repository_odb(&objects, repository) != 0) return no_commit();
        objects_.reset(objects);
        if (git_mempack_new(&memory_) != 0 ||
            git_odb_add_backend(objects, memory_, first_of_all) != 0) {
            return no_commit();
        }
        return {};
    }

    Result<void> store(git_repository* repository) {
        git_buf pack = GIT_BUF_INIT;
        git_odb_writepack* writing = nullptr;
        git_indexer_progress progress{};
        const bool is_stored =
            git_mempack_dump(&pack, repository, memory_) == 0 &&
            git_odb_write_pack(&writing, objects_.get(), nullptr, nullptr) == 0 &&
            writing->append(writing, pack.ptr, pack.size, &progress) == 0 &&
            writing->commit(writing, &progress) == 0;
        Result<void> stored{};
        if (!is_stored) stored = no_commit();
        if (writing != nullptr) writing->free(writing);
        git_buf_dispose(&pack);
        return stored;
    }

 private:
    ObjectsOwner objects_{};
    /// Belongs to the objects.
    git_odb_backend* memory_{nullptr};
};

Result<TreeOwner> empty_tree(git_repository* repository) {
    git_treebuilder* raw_builder = nullptr;
    if (git_treebuilder_new(&raw_builder, repository, nullptr) != 0) return no_commit();
    const std::unique_ptr<git_treebuilder, Release<git_treebuilder_free>> builder(raw_builder);
    git_oid id;
    git_tree* tree = nullptr;
    if (git_treebuilder_write(&id, raw_builder) != 0 ||
        git_tree_lookup(&tree, repository, &id) != 0) {
        return no_commit();
    }
    return TreeOwner(tree);
}

/// The tree with the files laid over it.
Result<TreeOwner> overlaid(git_repository* repository, git_tree* below,
                           const std::vector<WrittenFile>& files) {
    std::vector<git_tree_update> updates;
    for (const WrittenFile& file : files) {
        git_tree_update update{};
        update.action = GIT_TREE_UPDATE_UPSERT;
        update.filemode = GIT_FILEMODE_BLOB;
        update.path = file.path.c_str();
        if (git_blob_create_from_buffer(&update.id, repository, file.content.data(),
                                        file.content.size()) != 0) {
            return no_commit();
        }
        updates.push_back(update);
    }
    git_oid id;
    git_tree* tree = nullptr;
    if (git_tree_create_updated(&id, repository, below, updates.size(), updates.data()) != 0) {
        return fail_with_last_words(ErrorKind::invalid, "cannot put the files on the branch");
    }
    if (git_tree_lookup(&tree, repository, &id) != 0) return no_commit();
    return TreeOwner(tree);
}

/// The files with those that are edited.
Result<std::vector<WrittenFile>> with_edits(git_repository* repository, git_tree* below,
                                            const Writing& writing) {
    std::vector<WrittenFile> files = writing.files;
    for (const Edit& edit : writing.edits) {
        git_tree_entry* raw_entry = nullptr;
        const bool is_there = git_tree_entry_bypath(&raw_entry, below, edit.path.c_str()) == 0;
        const TreeEntryOwner entry(raw_entry);
        git_blob* raw_blob = nullptr;
        if (!is_there || git_tree_entry_filemode(raw_entry) != GIT_FILEMODE_BLOB ||
            git_blob_lookup(&raw_blob, repository, git_tree_entry_id(raw_entry)) != 0) {
            return fail(ErrorKind::invalid, "cannot change " + edit.path + ": it is not there");
        }
        const BlobOwner blob(raw_blob);
        const std::string_view text(static_cast<const char*>(git_blob_rawcontent(raw_blob)),
                                    git_blob_rawsize(raw_blob));
        files.push_back({.path = edit.path, .content = TRY(edited(text, edit))});
    }
    return files;
}

bool is_us(const git_signature* who) {
    return who != nullptr && std::string_view(who->email) == our_mail;
}

struct Found {
    CommitOwner commit{};
    TreeOwner tree{};
};

Result<Found> find(git_repository* repository, const std::string& id) {
    git_oid oid;
    git_commit* commit = nullptr;
    git_tree* tree = nullptr;
    if (git_oid_fromstr(&oid, id.c_str()) != 0 ||
        git_commit_lookup(&commit, repository, &oid) != 0 || git_commit_tree(&tree, commit) != 0) {
        git_commit_free(commit);
        return fail_with_last_words(ErrorKind::conflict, "cannot read commit " + id);
    }
    return Found{.commit = CommitOwner(commit), .tree = TreeOwner(tree)};
}

/// The id of what is there; empty: nothing.
std::string entry_in(const TreeOwner& tree, const std::string& path) {
    git_tree_entry* raw_entry = nullptr;
    if (git_tree_entry_bypath(&raw_entry, tree.get(), path.c_str()) != 0) return "";
    const TreeEntryOwner entry(raw_entry);
    return text_of(*git_tree_entry_id(raw_entry));
}

}  // namespace

Result<bool> Repository::is_ours(const std::string& id) const {
    const Found one = TRY(find(raw(), id));
    return is_us(git_commit_author(one.commit.get())) &&
           is_us(git_commit_committer(one.commit.get()));
}

Result<bool> Repository::is_up_to_date(const std::string& tip, const std::string& base,
                                       const Writing& writing) const {
    const Found ours = TRY(find(raw(), tip));
    const Found now = TRY(find(raw(), base));
    git_oid left;
    if (git_merge_base(&left, raw(), git_commit_id(ours.commit.get()),
                       git_commit_id(now.commit.get())) != 0) {
        return false;
    }
    const Found then = TRY(find(raw(), text_of(left)));
    return std::all_of(writing.edits.begin(), writing.edits.end(), [&](const Edit& edit) {
        return entry_in(now.tree, edit.path) == entry_in(then.tree, edit.path);
    });
}

Result<std::string> Repository::commit_files(const std::string& parent, const Writing& writing,
                                             const std::string& after) const {
    Gathering gathering;
    TRY(gathering.begin(raw()));
    Found before;
    std::vector<const git_commit*> parents;
    const Found older = after.empty() ? Found{} : TRY(find(raw(), after));
    if (older.commit) parents.push_back(older.commit.get());
    if (parent.empty()) {
        before.tree = TRY(empty_tree(raw()));
    } else {
        before = TRY(find(raw(), parent));
        parents.push_back(before.commit.get());
    }
    const TreeOwner& below = before.tree;
    const auto files = TRY(with_edits(raw(), below.get(), writing));
    const TreeOwner tree = TRY(overlaid(raw(), below.get(), files));
    if (git_oid_equal(git_tree_id(tree.get()), git_tree_id(below.get())) != 0) return parent;
    git_signature* raw_signature = nullptr;
    if (git_signature_now(&raw_signature, our_name, our_mail) != 0) return no_commit();
    const std::unique_ptr<git_signature, Release<git_signature_free>> us(raw_signature);
    git_oid id;
    if (git_commit_create(&id, raw(), nullptr, us.get(), us.get(), nullptr, writing.subject.c_str(),
                          tree.get(), parents.size(), parents.data()) != 0) {
        return no_commit();
    }
    TRY(gathering.store(raw()));
    return text_of(id);
}

Result<void> Repository::note(const std::string& commit, const std::string& text) const {
    Gathering gathering;
    TRY(gathering.begin(raw()));
    git_oid about;
    if (git_oid_fromstr(&about, commit.c_str()) != 0) {
        return fail_with_last_words(ErrorKind::conflict, "cannot read commit " + commit);
    }
    git_oid id;
    git_commit* before = nullptr;
    if (git_reference_name_to_id(&id, raw(), our_notes) == 0) {
        if (git_commit_lookup(&before, raw(), &id) != 0) return no_commit();
    }
    const CommitOwner parent(before);
    git_signature* raw_signature = nullptr;
    if (git_signature_now(&raw_signature, our_name, our_mail) != 0) return no_commit();
    const std::unique_ptr<git_signature, Release<git_signature_free>> us(raw_signature);
    if (git_note_commit_create(&id, nullptr, raw(), before, us.get(), us.get(), &about,
                               text.c_str(), 1) != 0) {
        return no_commit();
    }
    TRY(gathering.store(raw()));
    git_reference* made = nullptr;
    const int code = git_reference_create(&made, raw(), our_notes, &id, 1, nullptr);
    const ReferenceOwner reference(made);
    if (code != 0) return fail_with_last_words(ErrorKind::unavailable, "cannot write the note");
    return {};
}

}  // namespace matriarch::git
