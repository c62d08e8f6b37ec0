package org.mirror4j.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a tokenizer's files may not say. Each of these ended the process, filled its memory, ran on,
 * or gave other tokens than the files' makers meant.
 */
class TokenizerRefusalTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final String LETTERS = "[PAD] [UNK] [CLS] [SEP] [MASK] a b ##a ##b";

  @TempDir Path folder;

  private JsonNode golden;
  private ObjectNode wordPiece;

  @BeforeEach
  void makeTokenizers() throws IOException {
    try (InputStream resource =
        TokenizerRefusalTest.class.getResourceAsStream("/golden/tokenizers.json")) {
      golden = JSON.readTree(resource).path("files");
    }
    wordPiece =
        TokenizerJson.wordPiece(
            java.util.List.of(LETTERS.split(" ")),
            TokenizerJson.Normalisation.lowerCasing(true),
            SpecialTokens.BERT);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "2000000000 | the id of 'zz' is '2000000000', expected a whole number from 0 to 10020 with"
            + " 10 pieces",
        "-5         | the id of 'zz' is '-5', expected a whole number from 0 to 10020 with 10"
            + " pieces",
        "1.5        | the id of 'zz' is '1.5', expected a whole number from 0 to 10020 with 10"
            + " pieces",
        "3          | 'zz' and another piece have the id 3"
      })
  void idsThatNoModelHas(String id, String message) throws IOException {
    ((ObjectNode) wordPiece.at("/model/vocab")).set("zz", JSON.readTree(id));
    refused(wordPiece, "vocab: " + message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "2000000000 | zz    | the added token 'zz' has id 2000000000, expected 9, the next free"
            + " one",
        "10         | zz    | the added token 'zz' has id 10, expected 9, the next free one",
        "-1         | zz    | the added token 'zz' has id '-1', expected a whole number from 0",
        "9          | a     | added_tokens of tokenizer.json: 'a' has id 9, but 5 elsewhere",
        "4          | zz    | added_tokens of tokenizer.json: id 4 is 'zz', but '[MASK]' elsewhere"
      })
  void idsOfAddedTokens(String id, String content, String message) throws IOException {
    ObjectNode token = ((ArrayNode) wordPiece.path("added_tokens")).addObject();
    token.put("content", content).set("id", JSON.readTree(id));
    refused(wordPiece, message);
  }

  @Test
  void idsOfAddedTokensBesideAPlainVocabulary() throws IOException {
    plainWordPiece();
    write("added_tokens.json", "{\"zz\": 2000000000}");
    refused("the added token 'zz' has id 2000000000, expected at most 10018 with 9 pieces");
    write("added_tokens.json", "{\"a\": 7}");
    refused("added_tokens.json: 'a' has id 7, but 5 elsewhere");
    write("added_tokens.json", "{}");
    write("tokenizer_config.json", "{\"added_tokens_decoder\": {\"x\": {\"content\": \"zz\"}}}");
    refused("added_tokens_decoder of tokenizer_config.json: 'x' is no id");
    write(
        "tokenizer_config.json",
        "{\"added_tokens_decoder\": {\"9\": {\"content\": \"zz\", \"lstrip\": 1}}}");
    refused(
        "added_tokens_decoder of tokenizer_config.json: lstrip of 'zz' is '1', expected true or"
            + " false");
  }

  @Test
  void aTokenThatTheNormaliserLeavesNothingOf() throws IOException {
    ObjectNode token = ((ArrayNode) wordPiece.path("added_tokens")).addObject();
    token.put("id", 9).put("content", "\uFFFD").put("normalized", true).put("single_word", true);
    refused(wordPiece, "the normalizer leaves nothing of the added token '\uFFFD'");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "normalizer | {'type':'Replace','pattern':{'Regex':'(a+)+$'},'content':''} | normalizer:"
            + " Replace: the regular expression '(a+)+$' is not known to end on every text, ",
        "normalizer | {'type':'Replace','pattern':{'Regex':'a*a*b'},'content':''} | normalizer:"
            + " Replace: the regular expression 'a*a*b' is not known to end on every text, ",
        "normalizer | {'type':'Replace','pattern':{'String':''},'content':'a'} | normalizer:"
            + " Replace: pattern is '{\"String\":\"\"}', expected a String or a Regex",
        "normalizer | {'type':'Replace','pattern':{'String':'a'},'content':null} | normalizer:"
            + " Replace: 'null' is no text",
        "normalizer |"
            + " {'type':'Sequence','normalizers':[{'type':'Replace','pattern':{'String':'a'},'content':'aaaaaaaaaa'},{'type':'Replace','pattern':{'String':'a'},'content':'aaaaaaaaaa'}]}"
            + " | normalizer: Replace: a text may become 100 times as long, expected at most 64"
            + " times",
        "normalizer | {'type':'Prepend','prepend':''} | normalizer: Prepend: prepend is '',"
            + " expected 1 to 64 characters",
        "normalizer | {'type':'Sequence'} | normalizer: normalizers of Sequence is missing,"
            + " expected a list of at most 64",
        "normalizer | {'type':'Lowercase','language':'tr'} | normalizer: Lowercase has no"
            + " 'language'",
        "normalizer | {'type':'BertNormalizer','clean_text':1} | normalizer: BertNormalizer:"
            + " clean_text is '1', expected true or false",
        "normalizer | {'type':'Precompiled','precompiled_charsmap':'###'} | normalizer:"
            + " Precompiled: precompiled_charsmap is not base64",
        "normalizer | {'type':'Precompiled','precompiled_charsmap':'AAQAAA=='} | normalizer:"
            + " Precompiled: precompiled_charsmap holds 4 bytes, which are no map of characters",
        "normalizer | 'NFC' | normalizer is '', expected one of BertNormalizer, ByteLevel, ",
        "pre_tokenizer | {'type':'Metaspace','replacement':'ab'} | pre_tokenizer: Metaspace: 'ab'"
            + " is not one character",
        "pre_tokenizer | {'type':'Metaspace','replacement':'a','prepend_scheme':'last'} |"
            + " pre_tokenizer: Metaspace: prepend_scheme is 'last', expected one of always, first,"
            + " never",
        "pre_tokenizer |"
            + " {'type':'Split','pattern':{'Regex':'(?:x+x+)+y'},'behavior':'Isolated','invert':false}"
            + " | pre_tokenizer: Split: the regular expression '(?:x+x+)+y' is not known ",
        "pre_tokenizer | {'type':'Punctuation','behavior':'Alone'} | pre_tokenizer: Punctuation:"
            + " behavior is 'Alone', expected one of Contiguous, Isolated, ",
        "pre_tokenizer | {'type':'Jieba'} | pre_tokenizer is 'Jieba', expected one of"
            + " BertPreTokenizer, "
      })
  void components(String place, String component, String message) throws IOException {
    wordPiece.set(place, json(component));
    refused(wordPiece, message);
  }

  /** The library follows indices of the map without looking where they lead. */
  @Test
  void mapsOfCharactersThatLeadAstray() throws IOException {
    ObjectNode unigram = golden.path("unigram").deepCopy();
    ObjectNode precompiled = (ObjectNode) unigram.at("/normalizer/normalizers/0");
    byte[] map =
        java.util.Base64.getDecoder().decode(precompiled.path("precompiled_charsmap").asText());
    int seen = 0;
    for (int unit = 1; unit < 257; unit++) {
      byte[] broken = map.clone();
      broken[4 * unit + 3] = (byte) 0x7F;
      broken[4 * unit + 2] = (byte) 0xFF;
      precompiled.put("precompiled_charsmap", java.util.Base64.getEncoder().encodeToString(broken));
      write("tokenizer.json", unigram.toString());
      try (Tokenizer tokenizer = Tokenizer.open(folder)) {
        tokenizer.encode("ｑ ① ﬁ é", 20);
      } catch (TextException e) {
        assertThat(e).hasMessageStartingWith(folder + ": normalizer: Precompiled: precompiled_");
        seen++;
      }
    }
    assertThat(seen).isPositive();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "/special_tokens/[SEP] | null | special_tokens gives '[SEP]' the ids missing, expected one",
        "/special_tokens/[SEP]/ids | [3,3] | special_tokens gives '[SEP]' the ids '[3,3]', expected"
            + " one",
        "/special_tokens/[SEP]/tokens | [] | special_tokens gives '[SEP]' the tokens '[]', expected"
            + " one",
        "/special_tokens/[SEP]/ids | [4] | post_processor gives '[SEP]' the id '4', expected 3",
        "/single | [] | single is '[]', expected a special token, the sequence A, a special token",
        "/single/1/Sequence/type_id | 1 | single holds"
            + " '{\"Sequence\":{\"id\":\"A\",\"type_id\":1}}', expected the type_id 0"
      })
  void templates(String path, String value, String message) throws IOException {
    int last = path.lastIndexOf('/');
    ((ObjectNode) wordPiece.path("post_processor").at(path.substring(0, last)))
        .set(path.substring(last + 1), JSON.readTree(value));
    assertThat(refusal(wordPiece)).contains(message);
  }

  @Test
  void otherPostProcessors() throws IOException {
    wordPiece.putNull("post_processor");
    refused(wordPiece, "post_processor puts tokens around a text 0 times, expected once");
    wordPiece.set(
        "post_processor", json("{'type':'BertProcessing','cls':['[CLS]',2],'sep':['a',5]}"));
    refused(
        wordPiece,
        "post_processor puts a text between '[CLS]' and 'a', expected '[CLS]' and '[SEP]'");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "WP | unk_token | 'x' | model: unk_token of WordPiece is 'x', expected a piece of the"
            + " vocabulary",
        "WP | unk_token | null | model: unk_token of WordPiece is 'null', expected a piece of the"
            + " vocabulary",
        "WP | max_input_chars_per_word | 100000 | model: max_input_chars_per_word of WordPiece is"
            + " '100000', expected a number from 0 to 1000",
        "WP | merges | [] | model: WordPiece has no 'merges'",
        "WP | type | 'Word' | model: type is 'Word', expected WordPiece, BPE, Unigram or WordLevel",
        "WP | vocab | {} | the tokenizer has no vocabulary",
        "BPE | merges | ['l oo'] | merges: 'l oo' needs 'oo', which is no piece of the vocabulary",
        "BPE | merges | ['l w'] | merges: 'l w' needs 'lw', which is no piece of the vocabulary",
        "BPE | merges | ['low'] | merges: 'low' is not two pieces",
        "BPE | merges | [1] | merges: '1' is not two pieces",
        "BPE | continuing_subword_prefix | '##' | merges: 'o' does not continue a word, expected"
            + " '##' before it",
        "BPE | dropout | 0.1 | model: dropout of BPE is '0.1', expected none: it gives other pieces"
            + " at each call",
        "BPE | unk_token | 'x y' | model: unk_token of BPE is 'x y', expected a piece of the"
            + " vocabulary"
      })
  void models(String kind, String field, String value, String message) throws IOException {
    ObjectNode tokenizer =
        kind.equals("BPE") ? golden.path("roberta-tokenizer").deepCopy() : wordPiece;
    ((ObjectNode) tokenizer.path("model")).set(field, json(value));
    refused(tokenizer, message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "unk_id | null | model: unk_id of Unigram is 'null', expected the place of a piece",
        "unk_id | 1000 | model: unk_id of Unigram is '1000', expected the place of a piece",
        "vocab | [['', 0]] | vocab: '[\"\",0]' is no piece with its score",
        "vocab | [['a', 0], ['a', 0]] | vocab: 'a' stands there twice",
        "vocab | [['\\ud800', 0]] | the piece '?' holds half a surrogate pair, expected Unicode"
            + " text"
      })
  void unigrams(String field, String value, String message) throws IOException {
    ObjectNode tokenizer = golden.path("unigram").deepCopy();
    ((ObjectNode) tokenizer.path("model")).set(field, json(value));
    refused(tokenizer, message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "BertJapaneseTokenizer | which splits words by code of its own and is not read",
        "BertweetTokenizer | which splits words by code of its own and is not read",
        "PhobertTokenizer | which splits words by code of its own and is not read",
        "XLMRobertaTokenizer | a tokenizer of Unigram, but the files hold one of WordPiece",
        "AlbertTokenizerFast | a tokenizer of Unigram, but the files hold one of WordPiece",
        "RobertaTokenizer | a tokenizer of BPE, but the files hold one of WordPiece"
      })
  void classesThatWouldGiveOtherTokens(String name, String message) throws IOException {
    String named = "tokenizer_class is '%s', %s".formatted(name, message);
    for (boolean plain : new boolean[] {true, false}) {
      write("config.json", "{\"tokenizer_class\": \"%s\"}".formatted(name));
      if (plain) {
        plainWordPiece();
        refused("config.json: " + named);
      } else {
        refused(wordPiece, "config.json: " + named);
      }
      write("config.json", "{\"tokenizer_class\": \"BertTokenizer\"}");
      write("tokenizer_config.json", "{\"tokenizer_class\": \"%s\"}".formatted(name));
      refused("tokenizer_config.json: " + named);
      Files.delete(folder.resolve("tokenizer_config.json"));
    }
  }

  @Test
  void classesOfAPlainVocabulary() throws IOException {
    plainWordPiece();
    write("tokenizer_config.json", "{\"tokenizer_class\": \"PreTrainedTokenizerFast\"}");
    refused(
        "tokenizer_config.json: tokenizer_class is 'PreTrainedTokenizerFast': expected its"
            + " tokenizer.json beside it");
    write("tokenizer_config.json", "{\"word_tokenizer_type\": \"mecab\"}");
    refused(
        "tokenizer_config.json: word_tokenizer_type is 'mecab': tokenizers of BertJapaneseTokenizer"
            + " are not read");
    write("tokenizer_config.json", "{\"auto_map\": {\"AutoTokenizer\": [\"own.Own\", null]}}");
    refused(
        "tokenizer_config.json: auto_map names a tokenizer of the model's own code, which is not"
            + " run");
    Files.delete(folder.resolve("tokenizer_config.json"));
    write("config.json", "{\"model_type\": \"xlm-roberta\"}");
    refused(
        "config.json: model_type is xlm-roberta, whose tokenizer is SentencePiece: expected its"
            + " tokenizer.json");
    Files.delete(folder.resolve("config.json"));
    Files.delete(folder.resolve("vocab.txt"));
    write("sentencepiece.bpe.model", "");
    assertThatThrownBy(() -> Tokenizer.open(folder))
        .hasMessage(
            folder
                + " holds sentencepiece.bpe.model but no tokenizer.json, which is needed beside"
                + " it");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "do_basic_tokenize is 'false', expected true",
        "never_split is '[\"foo\"]', expected no words",
        "do_lower_case is 'yes', expected true or false",
        "split_special_tokens is 'true', expected false",
        "truncation_side is 'middle', expected left or right"
      })
  void settings(String message) throws IOException {
    plainWordPiece();
    String[] parts = message.split(" is '|', expected ");
    String value = parts[1].matches("true|false|\\[.*") ? parts[1] : "\"" + parts[1] + "\"";
    write("tokenizer_config.json", "{\"%s\": %s}".formatted(parts[0], value));
    refused("tokenizer_config.json: " + message);
  }

  @Test
  void settingsThatContradictTheTokenizer() throws IOException {
    wordPiece.set("normalizer", json("{'type':'Sequence','normalizers':[{'type':'NFD'}]}"));
    write("tokenizer_config.json", "{\"do_lower_case\": true}");
    refused(
        wordPiece,
        "tokenizer_config.json: do_lower_case is true, but the normalizer of tokenizer.json has no"
            + " Lowercase");
    write("tokenizer_config.json", "{\"add_prefix_space\": false}");
    refused(
        golden.path("unigram"),
        "tokenizer_config.json: add_prefix_space is false, but Metaspace of tokenizer.json has"
            + " 'always'");
  }

  @Test
  void moreIdsThanRows() {
    try (Tokenizer tokenizer = Tokenizer.wordPiece(java.util.List.of(LETTERS.split(" ")), true)) {
      tokenizer.requireRows(9);
      assertThatThrownBy(() -> tokenizer.requireRows(8))
          .isInstanceOf(TextException.class)
          .hasMessage(
              "vocabulary of 9 pieces: the tokenizer has ids up to 8 ('##b'), but the word"
                  + " embeddings have 8 rows");
    }
  }

  private void plainWordPiece() throws IOException {
    Files.deleteIfExists(folder.resolve("tokenizer.json"));
    write("vocab.txt", LETTERS.replace(' ', '\n'));
  }

  private void write(String name, String content) throws IOException {
    Files.writeString(folder.resolve(name), content);
  }

  private static JsonNode json(String quoted) throws IOException {
    return JSON.readTree(quoted.replace('\'', '"'));
  }

  private void refused(JsonNode tokenizer, String message) throws IOException {
    assertThat(refusal(tokenizer)).startsWith(folder + ": " + message);
  }

  private void refused(String message) {
    assertThatThrownBy(() -> Tokenizer.open(folder).close())
        .isInstanceOf(TextException.class)
        .hasMessage(folder + ": " + message);
  }

  private String refusal(JsonNode tokenizer) throws IOException {
    Files.write(
        folder.resolve("tokenizer.json"),
        JSON.writer()
            .with(com.fasterxml.jackson.core.json.JsonWriteFeature.ESCAPE_NON_ASCII.mappedFeature())
            .writeValueAsBytes(tokenizer));
    try (Tokenizer opened = Tokenizer.open(folder)) {
      return "accepted with " + opened.vocabSize() + " ids";
    } catch (TextException e) {
      assertThat(e.getMessage()).doesNotContain("\n");
      return e.getMessage();
    }
  }
}
