package org.mirror4j.text;

import static org.mirror4j.text.ModelCheck.shown;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Special tokens and texts in the order in which a model reads them: {@code [CLS] A [SEP]}, for two
 * texts {@code [CLS] A [SEP] B [SEP]} or {@code <s> A </s> </s> B </s>}.
 *
 * @param parts in order; of those that are texts the first is text 0, the next text 1
 */
record TokenLayout(List<Part> parts) {
  /**
   * A special token or a text.
   *
   * @param text its number, or {@link TokenizedText#SPECIAL}
   * @param id of the special token
   * @param typeId token type of all its tokens
   */
  record Part(int text, int id, int typeId) {
    private boolean special() {
      return text == TokenizedText.SPECIAL;
    }
  }

  /** One text between two tokens. */
  static TokenLayout single(int first, int last) {
    return new TokenLayout(List.of(special(first, 0), text(0, 0), special(last, 0)));
  }

  /**
   * What a {@code post_processor} does with two texts.
   *
   * @param vocabulary gives the ids that its tokens must have
   * @throws TextException if it does anything but put tokens around the first and the second
   */
  static TokenLayout pair(JsonNode processor, Vocabulary vocabulary) {
    JsonNode member = Frame.member(processor);
    String type = member.path("type").asText();
    if (type.equals("TemplateProcessing")) {
      return template(member, vocabulary);
    }
    Frame frame = Frame.of(processor, vocabulary);
    Part first = special(vocabulary.id(frame.first()), 0);
    Part last = special(vocabulary.id(frame.last()), 0);
    return type.equals("RobertaProcessing")
        ? new TokenLayout(List.of(first, text(0, 0), last, last, text(1, 0), last))
        : new TokenLayout(
            List.of(first, text(0, 0), last, text(1, 1), special(vocabulary.id(frame.last()), 1)));
  }

  private static TokenLayout template(JsonNode processor, Vocabulary vocabulary) {
    JsonNode pair = processor.path("pair");
    List<Part> parts = new ArrayList<>();
    int texts = 0;
    for (JsonNode piece : pair) {
      JsonNode text = piece.path("Sequence");
      JsonNode special = piece.path("SpecialToken");
      int typeId = (text.isObject() ? text : special).path("type_id").asInt(-1);
      if (special.isObject() && typeId >= 0) {
        String token = Frame.described(special.path("id").asText(), processor, vocabulary);
        parts.add(special(vocabulary.id(token), typeId));
      } else if (typeId >= 0
          && texts < 2
          && text.path("id").asText().equals("AB".substring(texts, texts + 1))) {
        parts.add(text(texts++, typeId));
      } else {
        throw unexpected(pair);
      }
    }
    if (texts < 2) {
      throw unexpected(pair);
    }
    return new TokenLayout(List.copyOf(parts));
  }

  private static TextException unexpected(JsonNode pair) {
    return new TextException(
        "post_processor: pair is %s, expected special tokens around the sequences A and B"
            .formatted(shown(pair)));
  }

  private static Part special(int id, int typeId) {
    return new Part(TokenizedText.SPECIAL, id, typeId);
  }

  private static Part text(int number, int typeId) {
    return new Part(number, -1, typeId);
  }

  /** Tokens besides those of the texts. */
  int specialTokens() {
    return (int) parts.stream().filter(Part::special).count();
  }

  /**
   * Texts with what belongs around them.
   *
   * @param texts as many as the layout has
   */
  TokenizedText lay(TextPieces... texts) {
    int length = specialTokens() + Arrays.stream(texts).mapToInt(TextPieces::length).sum();
    TokenizedText result =
        new TokenizedText(
            new int[length], new int[length], new int[length], new int[length], new int[length]);
    int at = 0;
    for (Part part : parts) {
      int end = at + 1;
      if (part.special()) {
        result.ids()[at] = part.id();
      } else {
        TextPieces pieces = texts[part.text()];
        end = at + pieces.length();
        System.arraycopy(pieces.ids(), 0, result.ids(), at, pieces.length());
        System.arraycopy(pieces.starts(), 0, result.starts(), at, pieces.length());
        System.arraycopy(pieces.ends(), 0, result.ends(), at, pieces.length());
      }
      Arrays.fill(result.typeIds(), at, end, part.typeId());
      Arrays.fill(result.texts(), at, end, part.text());
      at = end;
    }
    return result;
  }
}
