// Scratch: a folder of its own for one test, removed at its end.
// Never a fixed path: tests run side by side.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace matriarch::controller {

class Scratch {
 public:
    Scratch() {
        std::string pattern = testing::TempDir() + "matriarch-XXXXXX";
        path_ = ::mkdtemp(pattern.data());
    }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    ~Scratch() {
        std::error_code error;
        std::filesystem::remove_all(path_, error);
    }

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }
    [[nodiscard]] std::filesystem::path operator/(const std::string& name) const {
        return path_ / name;
    }

    /// Writes a plain file with a mode.
    std::filesystem::path file(const std::string& name, const std::string& content,
                               unsigned mode = 0600) const {
        const auto path = path_ / name;
        std::ofstream(path, std::ios::binary) << content;
        std::filesystem::permissions(path, static_cast<std::filesystem::perms>(mode));
        return path;
    }

    [[nodiscard]] static std::string content(const std::filesystem::path& path) {
        std::ostringstream text;
        text << std::ifstream(path, std::ios::binary).rdbuf();
        return text.str();
    }

    [[nodiscard]] static unsigned mode(const std::filesystem::path& path) {
        return static_cast<unsigned>(std::filesystem::status(path).permissions());
    }

 private:
    std::filesystem::path path_{};
};

}  // namespace matriarch::controller
