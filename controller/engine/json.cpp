// Boost.JSON, compiled once. Everybody else includes only <boost/json.hpp> and links boost_json.
#include <boost/json/src.hpp>
