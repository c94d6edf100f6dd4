#pragma once

#include <string>
#include <string_view>

namespace matricula::storage::postgres {

// PostgreSQL's text cannot hold U+0000, and ours may. U+0000 to U+0003 are therefore stored as
// three characters: U+0001 and two out of U+0002 and U+0003. All other text is stored as it is.
//
// The code keeps what the store does with text: coded texts compare as the texts do, since U+0001
// is below all that is not coded; and one contains another exactly when the texts do, since U+0001
// begins a code and U+0002 and U+0003 never do.

bool needs_code(std::string_view text);
void append_coded(std::string& out, std::string_view text);

bool is_coded(std::string_view stored);
// What is_coded() text was made of; a U+0001 that begins no code stands for itself.
void append_decoded(std::string& out, std::string_view stored);

// JSON that the server made of stored texts: there, a code is three escapes, and becomes the one of
// the character that it stands for.
bool has_coded_escape(std::string_view json);
void append_decoded_json(std::string& out, std::string_view json);

}  // namespace matricula::storage::postgres
