package org.mirror4j.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.mirror4j.file.FileException;

/** The pieces of a tokenizer by id, and which of them continue a word. */
final class Vocabulary {
  /** Start of a byte-level piece that begins with a space; start of a SentencePiece word. */
  private static final String BYTE_LEVEL_SPACE = "\u0120", SENTENCE_PIECE_SPACE = "\u2581";

  private static final Set<Integer> BLANKS =
      Set.of((int) BYTE_LEVEL_SPACE.charAt(0), (int) SENTENCE_PIECE_SPACE.charAt(0));

  private final List<String> tokens;
  private final Map<String, Integer> ids = new HashMap<>();
  private final boolean[] continuesWord;
  private final boolean[] blank;
  private final String type;

  /** What pieces of WordPiece begin with that continue a word. */
  private final String prefix;

  private final String source;

  /**
   * The vocabulary of tokenizer files.
   *
   * @param source names them in messages
   * @throws TextException if a special token is not among them
   */
  Vocabulary(TokenizerFiles files, String source) {
    this.source = source;
    tokens = tokens(files.tokenizer());
    for (int id = 0; id < tokens.size(); id++) {
      ids.put(tokens.get(id), id);
    }
    JsonNode model = files.tokenizer().path("model");
    type = model.path("type").asText();
    prefix = model.path("continuing_subword_prefix").asText("##");
    continuesWord = continuesWord();
    blank = blank();
    for (String special : files.special().all()) {
      continuesWord[require(special)] = false;
    }
  }

  /** The piece of each id; empty for an id that no piece has. */
  List<String> tokens() {
    return tokens;
  }

  /** The id of a piece, -1 where there is none. */
  int id(String token) {
    return ids.getOrDefault(token, -1);
  }

  /** See {@link Tokenizer#continuesWord}. */
  boolean continuesWord(int id) {
    return continuesWord[id];
  }

  /** See {@link Tokenizer#spelling}. */
  String spelling(int id) {
    String token = tokens.get(id);
    return switch (type) {
      case "WordPiece" -> continuesWord[id] ? token.substring(prefix.length()) : token;
      case "BPE" -> ByteLevel.text(token).orElse(token);
      default -> token.replace(SENTENCE_PIECE_SPACE, " ");
    };
  }

  /** Whether a piece spells nothing but blanks. */
  boolean isBlank(int id) {
    return blank[id];
  }

  /**
   * The id of a special token.
   *
   * @throws TextException if there is none
   */
  int require(String token) {
    Integer id = ids.get(token);
    if (id == null) {
      throw new TextException(
          "%s: the vocabulary of %d pieces lacks the special token %s"
              .formatted(source, tokens.size(), FileException.clean(token)));
    }
    return id;
  }

  /** The piece of each id: those of the model, then those added to it. The ids are checked. */
  private static List<String> tokens(JsonNode tokenizer) {
    List<String> tokens = new ArrayList<>();
    JsonNode vocab = tokenizer.path("model").path("vocab");
    if (vocab.isArray()) {
      vocab.forEach(piece -> tokens.add(piece.path(0).asText()));
    } else {
      vocab.properties().forEach(entry -> put(tokens, entry.getValue().asInt(), entry.getKey()));
    }
    for (JsonNode added : tokenizer.path("added_tokens")) {
      put(tokens, added.path("id").asInt(), added.path("content").asText());
    }
    return List.copyOf(tokens);
  }

  private static void put(List<String> tokens, int id, String token) {
    while (tokens.size() <= id) {
      tokens.add("");
    }
    tokens.set(id, token);
  }

  private boolean[] continuesWord() {
    boolean[] result = new boolean[tokens.size()];
    for (int id = 0; id < result.length; id++) {
      String token = tokens.get(id);
      result[id] =
          switch (type) {
            case "WordPiece" -> token.startsWith(prefix) && token.length() > prefix.length();
            case "BPE" -> !token.startsWith(BYTE_LEVEL_SPACE);
            default -> !token.startsWith(SENTENCE_PIECE_SPACE);
          };
    }
    return result;
  }

  /** Of WordPiece no piece is: there the marks are letters. */
  private boolean[] blank() {
    boolean marked = !type.equals("WordPiece");
    boolean[] result = new boolean[tokens.size()];
    for (int id = 0; id < result.length; id++) {
      String token = tokens.get(id);
      result[id] = marked && !token.isEmpty() && token.chars().allMatch(BLANKS::contains);
    }
    return result;
  }
}
