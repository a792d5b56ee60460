// What we keep ourselves and read back after a crash, a full disk or a hand that edited it: the
// identity of the data, a suspension, the token. "@sha256@" becomes the right digest.
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "controller/http/token.hpp"
#include "controller/store/identity.hpp"
#include "controller/store/suspend.hpp"
#include "specs/values/check.hpp"
#include "specs/values/digest.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace matriarch::fuzz {
namespace {

using controller::InstanceFolder;

void try_identity(std::string_view input) {
    std::string text(input);
    if (const auto at = text.rfind("sha256 @sha256@"); at != std::string::npos) {
        text = text.substr(0, at) + "sha256 " + sha256(text.substr(0, at)) + "\n";
    }
    const auto identity = controller::parse_identity(text);
    if (!identity) {
        CHECK(identity.error().kind == ErrorKind::refused, "in doubt nothing is done");
        return check_error(identity.error());
    }
    const auto printed = controller::print_identity(*identity);
    if (!printed) return check_error(printed.error());
    const auto again = controller::parse_identity(*printed);
    CHECK(again && *again == *identity, "an identity reads back the same");
    for (std::size_t length = 0; length < printed->size(); ++length) {
        CHECK(!controller::parse_identity(printed->substr(0, length)), "a cut one is refused");
    }
}

/// A folder in memory for the readers that want a file; removed by the last line of the run.
class Folder {
 public:
    Folder() : root_("/dev/shm/fuzz-state-" + std::to_string(::getpid())) {
        std::filesystem::create_directories(root_);
        ::chmod(root_.c_str(), 0700);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder() { std::filesystem::remove_all(root_); }

    [[nodiscard]] InstanceFolder instance() const { return {.name = "a", .root = root_}; }
    void write(const std::filesystem::path& path, std::string_view bytes) const {
        std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
        ::chmod(path.c_str(), 0600);
    }

 private:
    std::filesystem::path root_;
};

void try_files(std::string_view input) {
    static const Folder folder;
    const InstanceFolder instance = folder.instance();
    folder.write(instance.suspended(), input);
    const auto suspension = controller::load_suspension(instance);
    CHECK(suspension && *suspension, "a file that is there suspends, whatever it holds");
    check_shown((*suspension)->reason);

    const auto token_file = instance.root / "http.token";
    folder.write(token_file, input);
    const auto token = controller::load_or_make_token(token_file);
    if (token) {
        CHECK(token->reveal().size() >= 16, "a token is long enough");
    } else {
        check_error(token.error());
    }
}

}  // namespace

void try_input(std::string_view input) {
    try_identity(input);
    try_files(input);
}

}  // namespace matriarch::fuzz
