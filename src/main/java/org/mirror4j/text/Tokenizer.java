package org.mirror4j.text;

import static org.mirror4j.file.FileException.quote;

import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;

/**
 * Text to token ids and back, with HuggingFace's tokenizers library.
 *
 * <p>Truncation and padding that a {@code tokenizer.json} stores are ignored: the caller gives the
 * length, and nothing is padded. Special tokens written in the text, {@code [MASK]} for BERT,
 * become their one id. Unpaired surrogates are read as U+FFFD. Only local files are read; the
 * library is switched offline, and unpacks its native part once into the directory of {@link
 * org.mirror4j.file.NativeLibraries}. Safe for use by several threads.
 */
public final class Tokenizer implements AutoCloseable {
  private final TokenizerFiles files;

  /** Where it comes from, for messages. */
  private final String source;

  private final Vocabulary vocabulary;
  private final NativeTokenizer library;
  private final TokenLayout single;
  private final boolean cutsLeft;
  private final int clsId;
  private final int sepId;
  private final int padId;
  private final int maskId;
  private final int unknownId;

  private Tokenizer(TokenizerFiles files, String source) {
    this.files = files;
    this.source = source;
    vocabulary = new Vocabulary(files, source);
    clsId = vocabulary.require(files.special().cls());
    sepId = vocabulary.require(files.special().sep());
    padId = vocabulary.require(files.special().pad());
    maskId = vocabulary.require(files.special().mask());
    unknownId = vocabulary.require(files.special().unknown());
    cutsLeft = TokenizerSettings.cutsLeft(files.config());
    single = TokenLayout.single(clsId, sepId);
    checkFrame();
    checkNormalizedTokens();
    library = new NativeTokenizer(files.json(), source);
  }

  /** The library finds a token of which the normaliser leaves nothing within any character. */
  private void checkNormalizedTokens() {
    List<String> tokens = files.normalizedTokens();
    if (tokens.isEmpty()) {
      return;
    }
    try (NativeTokenizer normalizer = new NativeTokenizer(files.normalizerAlone(), source)) {
      for (String token : tokens) {
        if (normalizer.ids(token).length == 0) {
          throw new TextException(
              "%s: the normalizer leaves nothing of the added token %s"
                  .formatted(source, quote(token)));
        }
      }
    }
  }

  private void checkFrame() {
    Frame frame;
    try {
      frame = Frame.of(files.tokenizer().path("post_processor"), vocabulary);
    } catch (TextException e) {
      throw new TextException(source + ": " + e.getMessage(), e);
    }
    SpecialTokens special = files.special();
    if (!frame.equals(new Frame(special.cls(), special.sep()))) {
      throw new TextException(
          "%s: post_processor puts a text between %s and %s, expected %s and %s"
              .formatted(
                  source,
                  quote(frame.first()),
                  quote(frame.last()),
                  quote(special.cls()),
                  quote(special.sep())));
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
   * {@link #open(Path)}, or where a model is given lower-cased text {@link #lowerCasingText} of it.
   *
   * @throws TextException if there is no usable tokenizer
   */
  public static Tokenizer open(Path modelDirectory, boolean lowerCasesText) {
    Tokenizer tokenizer = open(modelDirectory);
    if (!lowerCasesText) {
      return tokenizer;
    }
    try (tokenizer) {
      return tokenizer.lowerCasingText();
    }
  }

  /**
   * A BERT WordPiece tokenizer of a vocabulary with {@link SpecialTokens#BERT}.
   *
   * @param vocabulary the piece of each id
   */
  public static Tokenizer wordPiece(List<String> vocabulary, boolean lowerCase) {
    return new Tokenizer(
        TokenizerFiles.wordPiece(vocabulary, lowerCase),
        "vocabulary of " + vocabulary.size() + " pieces");
  }

  /**
   * Token ids of a text between {@link #clsId} and {@link #sepId}, cut on the right, or on the left
   * where {@code truncation_side} of the tokenizer's files says so.
   *
   * @param maxLength most ids returned, the special tokens counted; at least 2
   */
  public int[] encode(String text, int maxLength) {
    checkLength(maxLength);
    return framed(library.ids(text), maxLength);
  }

  /** {@link #encode} of each text, on several threads. */
  public int[][] encodeAll(List<String> texts, int maxLength) {
    checkLength(maxLength);
    return library.idsOfAll(texts, pieces -> framed(pieces, maxLength));
  }

  /** Token ids of a text, whole and without special tokens around it. */
  public int[] encodePieces(String text) {
    return library.ids(text);
  }

  /** {@link #encodePieces} of each text, on several threads. */
  public int[][] encodeAllPieces(List<String> texts) {
    return library.idsOfAll(texts, pieces -> pieces);
  }

  /** The pieces of a text, whole and without special tokens around it, and where each stands. */
  public TextPieces pieces(String text) {
    return library.pieces(text, vocabulary::isBlank);
  }

  /** {@link #encode}, and where in the text each token stands. */
  public TokenizedText encodeText(String text, int maxLength) {
    checkLength(maxLength);
    TextPieces pieces = pieces(text);
    return single.lay(cut(pieces, Math.min(pieces.length(), maxLength - 2)));
  }

  /**
   * Two texts with the special tokens and token types that the tokenizer's files say: {@code [CLS]
   * first [SEP] second [SEP]} of types 0 0 0 1 1 for BERT, {@code <s> first </s></s> second </s>}
   * of type 0 for RoBERTa. Where both are too long the longer one is cut first, as {@code
   * longest_first} of HuggingFace's tokenizers, on the side that {@link #encode} cuts.
   *
   * @param maxLength most tokens, special tokens counted; at least these
   * @throws TextException if the files do not say how two texts are put together
   */
  public TokenizedText encodePair(String first, String second, int maxLength) {
    TokenLayout layout = pairLayout();
    int room = maxLength - layout.specialTokens();
    if (room < 0) {
      throw new IllegalArgumentException(
          "maxLength is %d, expected at least %d for the special tokens of a pair"
              .formatted(maxLength, layout.specialTokens()));
    }
    TextPieces left = pieces(first);
    TextPieces right = pieces(second);
    PairLengths kept = PairLengths.kept(left.length(), right.length(), room);
    return layout.lay(cut(left, kept.first()), cut(right, kept.second()));
  }

  /**
   * {@link #encodePair} of pieces, nothing cut: for windows that slide over a long text, which are
   * slices of its pieces.
   *
   * @throws TextException if the files do not say how two texts are put together
   */
  public TokenizedText joinPair(TextPieces first, TextPieces second) {
    return pairLayout().lay(first, second);
  }

  /**
   * Special tokens of a pair.
   *
   * @throws TextException if the files do not say how two texts are put together
   */
  public int pairSpecialTokens() {
    return pairLayout().specialTokens();
  }

  /** Read when it is asked for: files of encoders for single texts may say nothing of pairs. */
  private TokenLayout pairLayout() {
    return TokenLayout.pair(files.tokenizer().path("post_processor"), vocabulary);
  }

  private TextPieces cut(TextPieces pieces, int kept) {
    int from = cutsLeft ? pieces.length() - kept : 0;
    return kept == pieces.length() ? pieces : pieces.slice(from, from + kept);
  }

  /** Whether a text is cut at blanks and punctuation before all else, as BERT does. */
  boolean cutsAtPunctuation() {
    return files.tokenizer().path("pre_tokenizer").path("type").asText().equals("BertPreTokenizer");
  }

  /** Whether texts that are too long lose their beginning, as {@code truncation_side} says. */
  public boolean cutsLeft() {
    return cutsLeft;
  }

  /** One more than the highest token id; rows that the embedding table must have. */
  public int vocabSize() {
    return vocabulary.tokens().size();
  }

  /**
   * Fails if a token has an id that a model has no row for.
   *
   * @param rows of its word embeddings
   * @throws TextException naming the token
   */
  public void requireRows(int rows) {
    if (vocabSize() > rows) {
      throw new TextException(
          "%s: the tokenizer has ids up to %d (%s), but the word embeddings have %d rows"
              .formatted(source, vocabSize() - 1, quote(token(vocabSize() - 1)), rows));
    }
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
    return vocabulary.tokens().get(id);
  }

  /**
   * What a piece adds to a text: {@code ing} for {@code ##ing}; with a blank before it where the
   * piece says that there is one, as {@code Ġlow} of byte-level BPE and {@code ▁low} of
   * SentencePiece do. Bytes that are no whole character are U+FFFD.
   */
  public String spelling(int id) {
    return vocabulary.spelling(id);
  }

  /** The id of a piece, -1 where the vocabulary lacks it. */
  public int id(String token) {
    return vocabulary.id(token);
  }

  /**
   * Whether a piece continues the word before it: {@code ##ing} of WordPiece, a piece without
   * leading space of byte-level BPE and SentencePiece (where the first word of a text may lack it).
   */
  public boolean continuesWord(int id) {
    return vocabulary.continuesWord(id);
  }

  /**
   * This tokenizer with BERT's lower-casing switched, and with it the stripping of accents where
   * that is not set on its own. Tokenizers without BERT's normaliser do not change. The result is
   * to be closed on its own.
   */
  public Tokenizer lowerCasing(boolean lowerCase) {
    return new Tokenizer(files.lowerCasing(lowerCase), source);
  }

  /**
   * This tokenizer with the whole text lower-cased first, character by character, as
   * sentence-transformers does for {@code do_lower_case}; special tokens are found before that. The
   * result is to be closed on its own.
   */
  public Tokenizer lowerCasingText() {
    return new Tokenizer(files.lowerCasingText(), source);
  }

  /** The longest sequence that {@code tokenizer_config.json} says, if it says one. */
  public OptionalInt maxLength() {
    return files.maxLength();
  }

  /**
   * Writes {@code tokenizer.json}, {@code tokenizer_config.json}, {@code special_tokens_map.json}
   * and {@code vocab.txt} (or {@code vocab.json} and {@code merges.txt}) into an existing
   * directory. A stop halfway leaves some of them: what is to appear whole is written into a
   * directory that does.
   */
  public void save(Path directory) {
    new TokenizerWriter(files).write(directory);
  }

  /**
   * The same for a library that does what {@code tokenizer.json} says: it cuts a text to a length
   * and pads those of a batch to the longest.
   *
   * @param maxLength most ids of a text, special tokens included
   */
  public void save(Path directory, int maxLength) {
    new TokenizerWriter(files.limited(maxLength, padId, cutsLeft)).write(directory);
  }

  @Override
  public void close() {
    library.close();
  }

  private int[] framed(int[] pieces, int maxLength) {
    int kept = Math.min(pieces.length, maxLength - 2);
    int[] sequence = new int[kept + 2];
    sequence[0] = clsId;
    System.arraycopy(pieces, cutsLeft ? pieces.length - kept : 0, sequence, 1, kept);
    sequence[kept + 1] = sepId;
    return sequence;
  }

  private static void checkLength(int maxLength) {
    if (maxLength < 2) {
      throw new IllegalArgumentException(
          "maxLength is %d, expected at least 2 for the special tokens".formatted(maxLength));
    }
  }
}
