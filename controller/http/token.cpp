// The token file.
// A token that is there is never replaced.
#include "controller/http/token.hpp"

#include <string>
#include <system_error>

#include "controller/base/files.hpp"
#include "controller/base/random.hpp"

namespace matriarch::controller {
namespace {

constexpr std::size_t bytes_max = 4'096;
constexpr std::size_t length_min = 16;

}  // namespace

Result<Secret> load_or_make_token(const std::filesystem::path& path) {
    std::error_code unused;
    if (!std::filesystem::exists(path, unused)) {
        Secret token = random_hex(64);
        TRY(write_file(path, token.reveal() + "\n"));
        return token;
    }
    const Secret content = TRY(read_secret_file(path, bytes_max));
    std::string token = content.reveal();
    token.erase(token.find_last_not_of(" \t\r\n") + 1);
    if (token.size() < length_min) {
        return fail(ErrorKind::refused,
                    "cannot use token file " + path.string() + ": it is too short",
                    "Remove it; the next start makes a new one.");
    }
    return Secret(std::move(token));
}

}  // namespace matriarch::controller
