package org.mirror4j.text;

import static org.mirror4j.file.FileException.quote;
import static org.mirror4j.text.ModelCheck.shown;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/**
 * What {@code post_processor} of a {@code tokenizer.json} puts around a single text: a token before
 * it and one after it. It is put there by {@link Tokenizer}; the library, which ends the process
 * where a template does not fit together, never sees a post-processor.
 *
 * @param first the token before the text
 * @param last the token after it
 */
record Frame(String first, String last) {
  /** Processors that move the places of tokens in the text, which nobody asks for. */
  private static final String BYTE_LEVEL = "ByteLevel";

  /**
   * Reads a post-processor.
   *
   * @param vocabulary gives the ids that its tokens must have
   * @throws TextException if it does anything else, or names ids that the tokens do not have
   */
  static Frame of(JsonNode processor, Vocabulary vocabulary) {
    JsonNode member = member(processor);
    return switch (member.path("type").asText()) {
      case "BertProcessing", "RobertaProcessing" ->
          new Frame(
              pair(member.path("cls"), "cls", vocabulary),
              pair(member.path("sep"), "sep", vocabulary));
      case "TemplateProcessing" -> template(member, vocabulary);
      default ->
          throw new TextException(
              "post_processor is %s, expected TemplateProcessing, BertProcessing or RobertaProcessing"
                  .formatted(quote(member.path("type").asText())));
    };
  }

  /**
   * The one that puts tokens around a text, of all that a processor is made of.
   *
   * @throws TextException if there is none or more than one
   */
  static JsonNode member(JsonNode processor) {
    List<JsonNode> members = new ArrayList<>();
    collect(processor, members);
    if (members.size() != 1) {
      throw new TextException(
          "post_processor puts tokens around a text %d times, expected once"
              .formatted(members.size()));
    }
    return members.getFirst();
  }

  private static void collect(JsonNode processor, List<JsonNode> members) {
    String type = processor.path("type").asText();
    if (type.equals("Sequence")) {
      processor.path("processors").forEach(member -> collect(member, members));
    } else if (!processor.isNull() && !processor.isMissingNode() && !type.equals(BYTE_LEVEL)) {
      members.add(processor);
    }
  }

  /** A token with its id. */
  private static String pair(JsonNode pair, String field, Vocabulary vocabulary) {
    if (pair.size() != 2 || !pair.path(0).isTextual()) {
      throw new TextException(
          "post_processor: %s is %s, expected a token and its id".formatted(field, shown(pair)));
    }
    return checked(pair.get(0).textValue(), pair.get(1), vocabulary);
  }

  private static Frame template(JsonNode processor, Vocabulary vocabulary) {
    JsonNode single = processor.path("single");
    String first = single.path(0).path("SpecialToken").path("id").asText();
    String last = single.path(2).path("SpecialToken").path("id").asText();
    boolean framed =
        single.size() == 3
            && !first.isEmpty()
            && !last.isEmpty()
            && single.path(1).path("Sequence").path("id").asText().equals("A");
    if (!framed) {
      throw new TextException(
          "post_processor: single is %s, expected a special token, the sequence A, a special token"
              .formatted(shown(single)));
    }
    for (JsonNode piece : single) {
      JsonNode kind = piece.elements().next();
      if (kind.path("type_id").asInt(-1) != 0) {
        throw new TextException(
            "post_processor: single holds %s, expected the type_id 0".formatted(shown(piece)));
      }
    }
    return new Frame(
        described(first, processor, vocabulary), described(last, processor, vocabulary));
  }

  /**
   * A special token of a template.
   *
   * @throws TextException if {@code special_tokens} does not describe it as the one token that it
   *     is in the vocabulary
   */
  static String described(String token, JsonNode processor, Vocabulary vocabulary) {
    JsonNode described = processor.path("special_tokens");
    JsonNode ids = described.path(token).path("ids");
    if (ids.size() != 1) {
      throw new TextException(
          "post_processor: special_tokens gives %s the ids %s, expected one"
              .formatted(quote(token), shown(ids)));
    }
    JsonNode tokens = described.path(token).path("tokens");
    if (tokens.size() != 1) {
      throw new TextException(
          "post_processor: special_tokens gives %s the tokens %s, expected one"
              .formatted(quote(token), shown(tokens)));
    }
    return checked(tokens.path(0).asText(), ids.get(0), vocabulary);
  }

  private static String checked(String token, JsonNode id, Vocabulary vocabulary) {
    if (!id.isIntegralNumber() || id.asLong() != vocabulary.id(token) || vocabulary.id(token) < 0) {
      throw new TextException(
          "post_processor gives %s the id %s, expected %s"
              .formatted(
                  quote(token),
                  shown(id),
                  vocabulary.id(token) < 0 ? "a token of the vocabulary" : vocabulary.id(token)));
    }
    return token;
  }
}
