package org.mirror4j.text;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Text to token ids and back, with HuggingFace's tokenizers library.
 *
 * <p>Truncation and padding that a {@code tokenizer.json} stores are ignored: the caller gives the
 * length, and nothing is padded. Special tokens written in the text, {@code [MASK]} for BERT,
 * become their one id. Unpaired surrogates are read as U+FFFD. Only local files are read; the
 * library is switched offline, and unpacks its native part once into {@code ~/.djl.ai} (or where
 * {@code DJL_CACHE_DIR} says). Safe for use by several threads.
 */
public final class Tokenizer implements AutoCloseable {
  static {
    // Without these the library asks the network who is running it.
    System.setProperty("ai.djl.offline", "true");
    System.setProperty("OPT_OUT_TRACKING", "true");
  }

  /** Start of a byte-level piece that begins with a space; start of a SentencePiece word. */
  private static final String BYTE_LEVEL_SPACE = "\u0120", SENTENCE_PIECE_SPACE = "\u2581";

  private static final Map<String, String> BARE =
      Map.of("truncation", "DO_NOT_TRUNCATE", "padding", "DO_NOT_PAD");

  private static final TokenizersLibrary NATIVE = TokenizersLibrary.LIB;

  private final TokenizerFiles files;
  private final HuggingFaceTokenizer library;
  private final List<String> tokens;
  private final Map<String, Integer> ids = new HashMap<>();
  private final boolean[] continuesWord;
  private final int clsId;
  private final int sepId;
  private final int padId;
  private final int maskId;
  private final int unknownId;

  private Tokenizer(TokenizerFiles files, String source) {
    this.files = files;
    tokens = tokens(files.tokenizer(), source);
    for (int id = 0; id < tokens.size(); id++) {
      ids.put(tokens.get(id), id);
    }
    clsId = require(files.special().cls(), source);
    sepId = require(files.special().sep(), source);
    padId = require(files.special().pad(), source);
    maskId = require(files.special().mask(), source);
    unknownId = require(files.special().unknown(), source);
    continuesWord = continuesWord();
    library = load(files.json(), source);
    int[] frame = ids("", true);
    if (frame.length != 2 || frame[0] != clsId || frame[1] != sepId) {
      library.close();
      throw new TextException(
          "%s: an empty text becomes %s, expected [%d, %d] = %s %s"
              .formatted(
                  source,
                  Arrays.toString(frame),
                  clsId,
                  sepId,
                  files.special().cls(),
                  files.special().sep()));
    }
  }

  /**
   * Opens the tokenizer of a model directory: {@code tokenizer.json}, or else BERT's WordPiece from
   * {@code vocab.txt}, or else RoBERTa's byte-level BPE from {@code vocab.json} and {@code
   * merges.txt}. Settings in {@code tokenizer_config.json} are followed; without it a {@code
   * vocab.txt} is lower-cased, as in transformers.
   *
   * @throws TextException if there is no usable tokenizer
   */
  public static Tokenizer open(Path modelDirectory) {
    return new Tokenizer(TokenizerFiles.read(modelDirectory), modelDirectory.toString());
  }

  /**
   * A BERT WordPiece tokenizer of a vocabulary with {@link SpecialTokens#BERT}.
   *
   * @param vocabulary the piece of each id
   */
  public static Tokenizer wordPiece(List<String> vocabulary, boolean lowerCase) {
    TokenizerJson.Normalisation normalisation = TokenizerJson.Normalisation.lowerCasing(lowerCase);
    return new Tokenizer(
        new TokenizerFiles(
            TokenizerJson.wordPiece(vocabulary, normalisation, SpecialTokens.BERT),
            JsonNodeFactory.instance.objectNode(),
            SpecialTokens.BERT),
        "vocabulary of " + vocabulary.size() + " pieces");
  }

  /**
   * Token ids of a text between {@link #clsId} and {@link #sepId}, cut on the right.
   *
   * @param maxLength most ids returned, the special tokens counted; at least 2
   */
  public int[] encode(String text, int maxLength) {
    checkLength(maxLength);
    return truncated(ids(text, true), maxLength);
  }

  /** {@link #encode} of each text, on several threads. */
  public int[][] encodeAll(List<String> texts, int maxLength) {
    checkLength(maxLength);
    int[][] sequences = idsOfAll(texts, true);
    for (int i = 0; i < sequences.length; i++) {
      sequences[i] = truncated(sequences[i], maxLength);
    }
    return sequences;
  }

  /** Token ids of a text, whole and without special tokens around it. */
  public int[] encodePieces(String text) {
    return ids(text, false);
  }

  /** {@link #encodePieces} of each text, on several threads. */
  public int[][] encodeAllPieces(List<String> texts) {
    return idsOfAll(texts, false);
  }

  /** One more than the highest token id; rows that the embedding table must have. */
  public int vocabSize() {
    return tokens.size();
  }

  /** Starts every sequence. */
  public int clsId() {
    return clsId;
  }

  /** Ends every sequence. */
  public int sepId() {
    return sepId;
  }

  /** Fills padded rows. */
  public int padId() {
    return padId;
  }

  /** Stands for hidden text. */
  public int maskId() {
    return maskId;
  }

  /** Stands for what the vocabulary cannot spell. */
  public int unknownId() {
    return unknownId;
  }

  /** The text that is read as {@link #maskId}. */
  public String maskToken() {
    return files.special().mask();
  }

  /** The special tokens. */
  public SpecialTokens specialTokens() {
    return files.special();
  }

  /**
   * The piece of an id as the vocabulary spells it, {@code ##ing}; empty for an id that no piece
   * has.
   */
  public String token(int id) {
    return tokens.get(id);
  }

  /** The id of a piece, -1 where the vocabulary lacks it. */
  public int id(String token) {
    return ids.getOrDefault(token, -1);
  }

  /**
   * Whether a piece continues the word before it: {@code ##ing} of WordPiece, a piece without
   * leading space of byte-level BPE and SentencePiece (where the first word of a text may lack it).
   */
  public boolean continuesWord(int id) {
    return continuesWord[id];
  }

  /**
   * This tokenizer with BERT's lower-casing switched, and with it the stripping of accents where
   * that is not set on its own. Tokenizers without BERT's normaliser do not change. The result is
   * to be closed on its own.
   */
  public Tokenizer lowerCasing(boolean lowerCase) {
    return new Tokenizer(files.lowerCasing(lowerCase), "tokenizer");
  }

  /**
   * Writes {@code tokenizer.json}, {@code tokenizer_config.json}, {@code special_tokens_map.json}
   * and {@code vocab.txt} (or {@code vocab.json} and {@code merges.txt}) into an existing
   * directory, each file whole or not at all.
   */
  public void save(Path directory) {
    files.write(directory, tokens);
  }

  @Override
  public void close() {
    library.close();
  }

  private static HuggingFaceTokenizer load(String json, String source) {
    try {
      return HuggingFaceTokenizer.newInstance(
          new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8)), BARE);
    } catch (IOException | RuntimeException e) {
      throw new TextException("%s: unusable tokenizer: %s".formatted(source, e.getMessage()), e);
    }
  }

  /** The piece of each id: those of the model, then those added to it. */
  private static List<String> tokens(JsonNode tokenizer, String source) {
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
    if (tokens.isEmpty()) {
      throw new TextException("%s: the tokenizer has no vocabulary".formatted(source));
    }
    return List.copyOf(tokens);
  }

  private static void put(List<String> tokens, int id, String token) {
    while (tokens.size() <= id) {
      tokens.add("");
    }
    tokens.set(id, token);
  }

  private int require(String token, String source) {
    Integer id = ids.get(token);
    if (id == null) {
      throw new TextException(
          "%s: the vocabulary of %d pieces lacks the special token %s"
              .formatted(source, tokens.size(), token));
    }
    return id;
  }

  private boolean[] continuesWord() {
    JsonNode model = files.tokenizer().path("model");
    String type = model.path("type").asText();
    String prefix = model.path("continuing_subword_prefix").asText("##");
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
    for (String special : files.special().all()) {
      result[ids.get(special)] = false;
    }
    return result;
  }

  private int[] truncated(int[] sequence, int maxLength) {
    if (sequence.length <= maxLength) {
      return sequence;
    }
    int[] cut = Arrays.copyOf(sequence, maxLength);
    cut[maxLength - 1] = sepId;
    return cut;
  }

  private static void checkLength(int maxLength) {
    if (maxLength < 2) {
      throw new IllegalArgumentException(
          "maxLength is %d, expected at least 2 for the special tokens".formatted(maxLength));
    }
  }

  private int[] ids(String text, boolean special) {
    return take(NATIVE.encode(library.getHandle(), wellFormed(text), special));
  }

  private int[][] idsOfAll(List<String> texts, boolean special) {
    if (texts.isEmpty()) {
      return new int[0][];
    }
    String[] inputs = texts.stream().map(Tokenizer::wellFormed).toArray(String[]::new);
    long[] encodings = NATIVE.batchEncode(library.getHandle(), inputs, special);
    return Arrays.stream(encodings).mapToObj(Tokenizer::take).toArray(int[][]::new);
  }

  /**
   * Ids of an encoding, which is released. The library's own result object would fetch the text and
   * the span of each token as well.
   */
  private static int[] take(long encoding) {
    long[] wide = NATIVE.getTokenIds(encoding);
    NATIVE.deleteEncoding(encoding);
    int[] ids = new int[wide.length];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = Math.toIntExact(wide[i]);
    }
    return ids;
  }

  /** The library takes UTF-8, which cannot hold half a surrogate pair. */
  private static String wellFormed(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        int[] points = text.codePoints().map(p -> isLone(p) ? 0xFFFD : p).toArray();
        return new String(points, 0, points.length);
      }
    }
    return text;
  }

  private static boolean isLone(int codePoint) {
    return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
  }
}
