// Streams cut anywhere give the same pieces; what is no such stream is an error.
#include "controller/engine/frames.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace matriarch::controller {
namespace {

std::string frame(char stream, const std::string& text) {
    std::string header(8, '\0');
    header[0] = stream;
    header[6] = static_cast<char>(text.size() >> 8U);
    header[7] = static_cast<char>(text.size() & 0xFFU);
    return header + text;
}

TEST(Frames, KeepOutputAndErrorApartHoweverTheyAreCut) {
    const std::string stream = frame(1, "one") + frame(2, "two") + frame(1, "") + frame(1, "three");
    for (std::size_t step = 1; step <= stream.size(); ++step) {
        std::string out;
        std::string err;
        FrameReader reader(
            [&](bool is_error, std::string_view text) { (is_error ? err : out) += text; });
        for (std::size_t at = 0; at < stream.size(); at += step) {
            ASSERT_TRUE(reader.take(std::string_view(stream).substr(at, step)));
        }
        EXPECT_TRUE(reader.end());
        EXPECT_EQ(out, "onethree");
        EXPECT_EQ(err, "two");
    }
}

TEST(Frames, RefuseWhatIsNoStreamOfFrames) {
    FrameReader reader([](bool, std::string_view) {});
    EXPECT_FALSE(reader.take("plain text of a terminal"));
}

TEST(Frames, NoticeAStreamThatEndsInsideAFrame) {
    for (const std::size_t kept : {3U, 8U, 9U}) {
        FrameReader reader([](bool, std::string_view) {});
        ASSERT_TRUE(reader.take(frame(1, "text").substr(0, kept)));
        EXPECT_FALSE(reader.end()) << kept;
    }
}

TEST(Lines, AreWholeHoweverTheyAreCut) {
    const std::string stream = "{\"a\":1}\r\n{}\nlast";
    for (std::size_t step = 1; step <= stream.size(); ++step) {
        std::vector<std::string> lines;
        LineReader reader([&](std::string_view line) -> Result<void> {
            lines.emplace_back(line);
            return {};
        });
        for (std::size_t at = 0; at < stream.size(); at += step) {
            ASSERT_TRUE(reader.take(std::string_view(stream).substr(at, step)));
        }
        ASSERT_TRUE(reader.end());
        EXPECT_EQ(lines, (std::vector<std::string>{"{\"a\":1}\r", "{}", "last"}));
    }
}

TEST(Lines, WithoutAnEndAreAnError) {
    LineReader reader([](std::string_view) -> Result<void> { return {}; });
    const std::string much(700'000, 'x');
    EXPECT_TRUE(reader.take(much));
    EXPECT_FALSE(reader.take(much));
}

TEST(Lines, PassTheErrorOfTheirTakerOn) {
    LineReader reader(
        [](std::string_view) -> Result<void> { return fail(ErrorKind::conflict, "no more"); });
    const Result<void> taken = reader.take("a\nb\n");
    ASSERT_FALSE(taken);
    EXPECT_EQ(taken.error().kind, ErrorKind::conflict);
}

}  // namespace
}  // namespace matriarch::controller
