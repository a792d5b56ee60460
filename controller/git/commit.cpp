// A commit of ours, made of objects alone: no work tree, no index of the user's. They are gathered
// in memory and stored as one pack: single objects are renamed from folder to folder, which the
// first Landlock (Linux 5.13) forbids altogether.
#include <array>
#include <string>
#include <vector>

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

}  // namespace

Result<std::string> Repository::commit_files(const std::string& parent,
                                             const Writing& writing) const {
    Gathering gathering;
    TRY(gathering.begin(raw()));
    CommitOwner before;
    TreeOwner below;
    if (parent.empty()) {
        below = TRY(empty_tree(raw()));
    } else {
        git_oid id;
        git_commit* commit = nullptr;
        git_tree* tree = nullptr;
        if (git_oid_fromstr(&id, parent.c_str()) != 0 ||
            git_commit_lookup(&commit, raw(), &id) != 0 || git_commit_tree(&tree, commit) != 0) {
            git_commit_free(commit);
            return fail_with_last_words(ErrorKind::conflict, "cannot read commit " + parent);
        }
        before.reset(commit);
        below.reset(tree);
    }
    const TreeOwner tree = TRY(overlaid(raw(), below.get(), writing.files));
    if (git_oid_equal(git_tree_id(tree.get()), git_tree_id(below.get())) != 0) return parent;
    git_signature* raw_signature = nullptr;
    if (git_signature_now(&raw_signature, our_name, our_mail) != 0) return no_commit();
    const std::unique_ptr<git_signature, Release<git_signature_free>> us(raw_signature);
    std::array<const git_commit*, 1> parents{before.get()};
    git_oid id;
    if (git_commit_create(&id, raw(), nullptr, us.get(), us.get(), nullptr, writing.subject.c_str(),
                          tree.get(), before ? 1 : 0, parents.data()) != 0) {
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
