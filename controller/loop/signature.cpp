// As git verifies: OpenSSH first finds whose key it could be, then whether the signature is good
// now. The moment is ours: a commit may say any, and so a key that has expired would last for ever.
#include "controller/loop/signature.hpp"

#include <sstream>

#include "controller/base/files.hpp"
#include "controller/base/program.hpp"
#include "specs/values/shown.hpp"

namespace matriarch::controller {

namespace {

Error not_signed(const std::string& commit, const std::string& why) {
    return {.kind = ErrorKind::refused,
            .message = "commit " + commit + " is not in force: " + why,
            .hint =
                "This host's policy (signers) takes only commits that somebody it knows has "
                "signed: git commit -S, and merge with a signature."};
}

Result<ProgramEnd> run(std::vector<std::string> arguments, const std::string& input,
                       std::stop_token stop) {
    return run_program({.arguments = std::move(arguments),
                        .input = Secret(input),
                        .within = std::chrono::seconds(10),
                        .stop = std::move(stop)});
}

/// Empty: it is nobody's of that file.
Result<std::string> ssh_signer(const std::string& signers, const std::string& signature,
                               const std::string& bytes, std::stop_token stop) {
    const auto found = TRY(
        run({"ssh-keygen", "-Y", "find-principals", "-f", signers, "-s", signature}, bytes, stop));
    std::istringstream names(found.exit_code == 0 ? found.out.reveal() : "");
    for (std::string name; std::getline(names, name);) {
        const auto checked = TRY(run(
            {"ssh-keygen", "-Y", "verify", "-f", signers, "-I", name, "-n", "git", "-s", signature},
            bytes, stop));
        if (checked.exit_code == 0) return name;
    }
    return std::string();
}

Result<std::string> gpg_signer(const std::string& keyring, const std::string& signature,
                               const std::string& bytes, std::stop_token stop) {
    const auto checked =
        TRY(run({"gpgv", "--status-fd", "1", "--keyring", keyring, signature, "-"}, bytes, stop));
    constexpr std::string_view good = "[GNUPG:] GOODSIG ";
    std::istringstream lines(checked.exit_code == 0 ? checked.out.reveal() : "");
    for (std::string line; std::getline(lines, line);) {
        // The key's number, then its user's name.
        if (line.starts_with(good)) return line.substr(line.find(' ', good.size()) + 1);
    }
    return std::string();
}

}  // namespace

Result<std::string> signer_of(const git::Revision& revision,
                              const std::vector<std::string>& signers,
                              const std::filesystem::path& folder, std::stop_token stop) {
    if (revision.signature.empty()) return fail(not_signed(revision.id, "it is not signed"));
    const std::string file = (folder / "signature").string();
    TRY(write_file(file, revision.signature, {.is_durable = false}));
    const bool is_ssh = revision.signature.starts_with("-----BEGIN SSH SIGNATURE-----");
    for (const std::string& known : signers) {
        if (!std::filesystem::exists(known)) {
            return fail(ErrorKind::unavailable, "cannot read the signers " + known,
                        "Make the file that the policy names, or take it out there.");
        }
        if (is_ssh == known.ends_with(".gpg")) continue;
        const auto ask = is_ssh ? ssh_signer : gpg_signer;
        const auto signer = ask(known, file, revision.signed_bytes, stop);
        if (!signer)
            return fail(ErrorKind::unavailable, signer.error().message,
                        "Install " + std::string(is_ssh ? "openssh-client." : "gpgv."));
        if (!signer->empty()) return shown(*signer, 100);
    }
    return fail(not_signed(revision.id, "it is signed by nobody whom this host knows"));
}

}  // namespace matriarch::controller
