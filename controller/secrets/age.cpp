// `age -d -i IDENTITY`, ciphertext on its standard input, plain text from its standard output.
// What age says is matched against known words and never shown.
#include "controller/secrets/age.hpp"

#include <system_error>

#include "controller/base/files.hpp"
#include "controller/base/program.hpp"

namespace matriarch::controller {
namespace {

constexpr std::size_t plain_bytes_max = 65'536;
constexpr const char* host_identity = "/etc/matriarch/age.key";

/// Words of age 1.1 (Debian 12) for what can be wrong, and ours. Its own are not shown.
tl::unexpected<Error> why_not(const ProgramEnd& end, const AgeFile& file) {
    const std::string cannot = "cannot decrypt secrets: ";
    const auto says = [&end](const char* words) {
        return end.err.find(words) != std::string::npos;
    };
    if (says("no identity matched")) {
        return fail(ErrorKind::refused,
                    cannot + "they were not encrypted for the identity " + file.identity.string(),
                    "Encrypt them again for: age-keygen -y " + file.identity.string() + ".",
                    file.where);
    }
    if (says("malformed secret key") || says("no secret keys found")) {
        return fail(ErrorKind::refused,
                    cannot + "the identity file " + file.identity.string() + " holds no age key",
                    "Make one with: age-keygen -o " + file.identity.string() + ".", file.where);
    }
    if (says("failed to read header") || says("parsing age header")) {
        return fail(ErrorKind::invalid, cannot + "this is not an age file",
                    "Encrypt the environment file with: age -r RECIPIENT.", file.where);
    }
    if (says("failed to decrypt and authenticate")) {
        return fail(ErrorKind::invalid, cannot + "the file is damaged or cut short", {},
                    file.where);
    }
    return fail(ErrorKind::invalid,
                cannot + "age ended with exit code " + std::to_string(end.exit_code),
                "Try it by hand: age -d -i " + file.identity.string() + " FILE.", file.where);
}

}  // namespace

Result<Secret> decrypt_age(const AgeFile& file) {
    std::error_code unused;
    if (!std::filesystem::exists(file.identity, unused)) {
        return fail(ErrorKind::refused,
                    "cannot decrypt secrets: there is no identity file " + file.identity.string(),
                    "Make one with: age-keygen -o " + file.identity.string() + ".", file.where);
    }
    TRY(read_secret_file(file.identity, plain_bytes_max));
    auto end = run_program({.arguments = {"age", "-d", "-i", file.identity.string()},
                            .input = Secret(std::string(file.content)),
                            .out_bytes_max = plain_bytes_max,
                            .stop = file.stop});
    if (!end && end.error().kind == ErrorKind::invalid) {
        return fail(ErrorKind::invalid, "cannot decrypt secrets: age is not on this host",
                    "Install it: apt-get install age.", file.where);
    }
    if (!end) return fail(std::move(end).error());
    if (end->exit_code != 0) return why_not(*end, file);
    return std::move(end->out);
}

Result<Secrets> load_age_env(const AgeFile& file) {
    const Secret plain = TRY(decrypt_age(file));
    return load_env_text(plain.reveal(), file.where);
}

std::filesystem::path age_identity(const State& state, const std::string& option) {
    if (!option.empty()) return option;
    std::error_code unused;
    if (std::filesystem::exists(host_identity, unused)) return host_identity;
    return state.age_key();
}

}  // namespace matriarch::controller
