package org.mirror4j.text;

import static org.mirror4j.file.FileException.quote;
import static org.mirror4j.text.ModelCheck.shown;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.regex.Pattern;

/**
 * Checks {@code normalizer} and {@code pre_tokenizer} of a {@code tokenizer.json}: that they are
 * made of components that the library knows, with the fields that it knows, and that none can end
 * the process, run on or fill the memory, whatever the text.
 */
final class ComponentCheck {
  /** Most members of a sequence of components. */
  private static final int MOST_MEMBERS = 64;

  /** How many times longer replacing may make a text. */
  private static final long MOST_GROWTH = 64;

  private static final int LONGEST_PREFIX = 64;

  /**
   * One class of characters, repeated or not: it is found in a time that grows with the text. Of
   * others only those that are known are taken: a search that goes back too often ends the process.
   */
  private static final Pattern ONE_CLASS =
      Pattern.compile(
          "(?:[^\\\\^$.|?*+()\\[\\]{}]|\\\\[sdwSDWnrt.]|\\\\p\\{[A-Z][a-z]?\\}|\\[\\^?(?:[^\\\\\\[\\]&^-]|\\\\[sdwnrt])+\\])"
              + "(?:\\+|\\{\\d{1,2}(?:,\\d{0,2})?\\})?");

  private static final String CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)",
      GPT2_CONTRACTIONS = "'s|'t|'re|'ve|'m|'ll|'d",
      LETTERS = "|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|",
      REST = "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

  private static final Set<String> KNOWN =
      Set.of(
          // GPT-2, CLIP, Llama 3 and cl100k, Qwen 2
          GPT2_CONTRACTIONS + "| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
          GPT2_CONTRACTIONS + "|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+",
          CONTRACTIONS + LETTERS + "\\p{N}{1,3}" + REST,
          CONTRACTIONS + LETTERS + "\\p{N}" + REST);

  private static final Set<String> BEHAVIORS =
      Set.of("Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous");

  private static final Set<String> SCHEMES = Set.of("first", "never", "always");

  /** A field of a component. */
  private record Field(String name, boolean required, BiConsumer<ComponentCheck, JsonNode> check) {}

  private static final Map<String, List<Field>> NORMALIZERS =
      Map.ofEntries(
          Map.entry(
              "BertNormalizer",
              List.of(
                  flag("clean_text"),
                  flag("handle_chinese_chars"),
                  optionalFlag("strip_accents"),
                  flag("lowercase"))),
          Map.entry("Strip", List.of(flag("strip_left"), flag("strip_right"))),
          Map.entry("StripAccents", List.of()),
          Map.entry("NFC", List.of()),
          Map.entry("NFD", List.of()),
          Map.entry("NFKC", List.of()),
          Map.entry("NFKD", List.of()),
          Map.entry("Lowercase", List.of()),
          Map.entry("Nmt", List.of()),
          Map.entry("ByteLevel", List.of()),
          Map.entry("Precompiled", List.of(field("precompiled_charsmap", ComponentCheck::map))),
          Map.entry(
              "Replace",
              List.of(
                  field("pattern", ComponentCheck::pattern),
                  field("content", ComponentCheck::text))),
          Map.entry("Prepend", List.of(field("prepend", ComponentCheck::prefix))),
          Map.entry("Sequence", List.of(field("normalizers", ComponentCheck::normalizers))));

  private static final Map<String, List<Field>> PRE_TOKENIZERS =
      Map.ofEntries(
          Map.entry("BertPreTokenizer", List.of()),
          Map.entry("Whitespace", List.of()),
          Map.entry("WhitespaceSplit", List.of()),
          Map.entry("UnicodeScripts", List.of()),
          Map.entry(
              "ByteLevel",
              List.of(flag("add_prefix_space"), flag("trim_offsets"), optionalFlag("use_regex"))),
          Map.entry("CharDelimiterSplit", List.of(field("delimiter", ComponentCheck::character))),
          Map.entry(
              "Metaspace",
              List.of(
                  field("replacement", ComponentCheck::character),
                  new Field("prepend_scheme", false, oneOf("prepend_scheme", SCHEMES)),
                  optionalFlag("split"),
                  optionalFlag("add_prefix_space"),
                  new Field("str_rep", false, ComponentCheck::text))),
          Map.entry(
              "Split",
              List.of(
                  field("pattern", ComponentCheck::pattern),
                  field("behavior", oneOf("behavior", BEHAVIORS)),
                  flag("invert"))),
          Map.entry(
              "Punctuation", List.of(new Field("behavior", false, oneOf("behavior", BEHAVIORS)))),
          Map.entry("Digits", List.of(flag("individual_digits"))),
          Map.entry("Sequence", List.of(field("pretokenizers", ComponentCheck::preTokenizers))));

  private long growth = 1;

  private ComponentCheck() {}

  /**
   * Checks both.
   *
   * @throws TextException naming the component and its field, what was found and what was expected
   */
  static void check(JsonNode tokenizer) {
    ComponentCheck check = new ComponentCheck();
    check.component("normalizer", tokenizer.path("normalizer"), NORMALIZERS);
    check.component("pre_tokenizer", tokenizer.path("pre_tokenizer"), PRE_TOKENIZERS);
  }

  private void component(String kind, JsonNode node, Map<String, List<Field>> known) {
    if (node.isMissingNode() || node.isNull()) {
      return;
    }
    String type = node.path("type").asText();
    List<Field> fields = known.get(type);
    if (fields == null) {
      throw new TextException(
          "%s is %s, expected one of %s"
              .formatted(
                  kind, quote(type), String.join(", ", known.keySet().stream().sorted().toList())));
    }
    for (Map.Entry<String, JsonNode> entry : node.properties()) {
      String name = entry.getKey();
      if (!name.equals("type") && fields.stream().noneMatch(field -> field.name().equals(name))) {
        throw new TextException("%s: %s has no %s".formatted(kind, type, quote(name)));
      }
    }
    try {
      for (Field field : fields) {
        JsonNode value = node.path(field.name());
        if (field.required() || !value.isMissingNode() && !value.isNull()) {
          field.check().accept(this, value);
        }
      }
      if (type.equals("Replace")) {
        grow(growth(node));
      } else if (type.equals("ByteLevel")) {
        grow(2);
      } else if (type.equals("Precompiled")) {
        grow(8);
      }
    } catch (TextException e) {
      throw type.equals("Sequence")
          ? e
          : new TextException(kind + ": " + type + ": " + e.getMessage(), e);
    }
  }

  private void normalizers(JsonNode list) {
    members("normalizer", "normalizers", list, NORMALIZERS);
  }

  private void preTokenizers(JsonNode list) {
    members("pre_tokenizer", "pretokenizers", list, PRE_TOKENIZERS);
  }

  private void members(String kind, String field, JsonNode list, Map<String, List<Field>> known) {
    if (!list.isArray() || list.size() > MOST_MEMBERS) {
      throw new TextException(
          "%s: %s of Sequence is %s, expected a list of at most %d"
              .formatted(kind, field, shown(list), MOST_MEMBERS));
    }
    list.forEach(member -> component(kind, member, known));
  }

  /** Of a piece of text at least one character is replaced. */
  private static long growth(JsonNode replace) {
    int least = Math.max(1, replace.path("pattern").path("String").asText("").length());
    int content = replace.path("content").textValue().length();
    return Math.max(1, (content + least - 1) / least);
  }

  private void grow(long times) {
    growth *= times;
    if (growth > MOST_GROWTH) {
      throw new TextException(
          "a text may become %d times as long, expected at most %d times"
              .formatted(growth, MOST_GROWTH));
    }
  }

  /** {@code {"String": text}}, which is looked for as it is, or {@code {"Regex": text}}. */
  private void pattern(JsonNode pattern) {
    JsonNode literal = pattern.path("String");
    if (pattern.size() == 1 && literal.isTextual() && !literal.textValue().isEmpty()) {
      ModelCheck.checkWellFormed(literal.textValue());
      return;
    }
    JsonNode regex = pattern.path("Regex");
    if (pattern.size() != 1 || !regex.isTextual()) {
      throw new TextException(
          "pattern is %s, expected a String or a Regex".formatted(shown(pattern)));
    }
    String text = regex.textValue();
    if (!KNOWN.contains(text) && !ONE_CLASS.matcher(text).matches()) {
      throw new TextException(
          ("the regular expression %s is not known to end on every text, expected one class of"
                  + " characters, repeated or not, or what GPT-2, CLIP, Llama 3 or Qwen 2 split by")
              .formatted(quote(text)));
    }
  }

  private void map(JsonNode map) {
    if (!map.isTextual()) {
      throw new TextException("precompiled_charsmap is %s, expected base64".formatted(shown(map)));
    }
    CharacterMapCheck.check(map.textValue());
  }

  private void text(JsonNode text) {
    if (!text.isTextual()) {
      throw new TextException("%s is no text".formatted(shown(text)));
    }
    ModelCheck.checkWellFormed(text.textValue());
  }

  /** Of nothing put before a text the library loses count, and ends the process. */
  private void prefix(JsonNode text) {
    text(text);
    if (text.textValue().isEmpty() || text.textValue().length() > LONGEST_PREFIX) {
      throw new TextException(
          "prepend is %s, expected 1 to %d characters".formatted(shown(text), LONGEST_PREFIX));
    }
  }

  private void character(JsonNode text) {
    text(text);
    if (text.textValue().codePointCount(0, text.textValue().length()) != 1) {
      throw new TextException("%s is not one character".formatted(shown(text)));
    }
  }

  private static BiConsumer<ComponentCheck, JsonNode> oneOf(String field, Set<String> values) {
    return (check, value) -> {
      if (!values.contains(value.asText())) {
        throw new TextException(
            "%s is %s, expected one of %s"
                .formatted(
                    field, shown(value), String.join(", ", values.stream().sorted().toList())));
      }
    };
  }

  private static Field field(String name, BiConsumer<ComponentCheck, JsonNode> check) {
    return new Field(name, true, check);
  }

  private static Field flag(String name) {
    return new Field(name, true, isFlag(name));
  }

  private static Field optionalFlag(String name) {
    return new Field(name, false, isFlag(name));
  }

  private static BiConsumer<ComponentCheck, JsonNode> isFlag(String name) {
    return (check, value) -> {
      if (!value.isBoolean()) {
        throw new TextException("%s is %s, expected true or false".formatted(name, shown(value)));
      }
    };
  }
}
