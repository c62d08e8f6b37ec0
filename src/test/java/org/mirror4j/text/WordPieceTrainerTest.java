package org.mirror4j.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class WordPieceTrainerTest {
  @Test
  void mergesTheMostFrequentPairFirst() {
    // hug 10, pug 5, pun 12, bun 4, hugs 5. Pairs at first: h ##u 15, p ##u 17, b ##u 4,
    // ##u ##g 20, ##u ##n 16, ##g ##s 5.
    //   ##ug 20 -> h ##ug 15, p ##ug 5, ##ug ##s 5; h ##u 0, p ##u 12
    //   ##un 16 -> p ##un 12, b ##un 4;  then h ##ug 15 -> hug, hug ##s 5
    //   pun 12;  then p ##ug and hug ##s at 5: hug was merged later, so p (lower id) wins; hugs;
    //   b ##un 4 -> bun.
    WordCounts counts = new WordCounts(true);
    counts.add("hug", 10);
    counts.add("pug", 5);
    counts.add("pun", 12);
    counts.add("bun", 4);
    counts.add("hugs", 5);
    List<String> learned = new ArrayList<>(WordPieceTrainer.SPECIAL_TOKENS);
    learned.addAll(List.of("b", "g", "h", "n", "p", "s", "u", "##g", "##n", "##s", "##u"));
    learned.addAll(List.of("##ug", "##un", "hug", "pun", "pug", "hugs", "bun"));

    assertThat(WordPieceTrainer.train(counts, 100, 1, mostFrequent(counts, 100)))
        .isEqualTo(learned);
    assertThat(WordPieceTrainer.train(counts, 18, 1, mostFrequent(counts, 100)))
        .isEqualTo(learned.subList(0, 18));
    assertThat(WordPieceTrainer.train(counts, 100, 5, mostFrequent(counts, 100)))
        .isEqualTo(learned.subList(0, 22));
    assertThat(WordPieceTrainer.train(counts, 100, 13, mostFrequent(counts, 100)))
        .isEqualTo(learned.subList(0, 19));
  }

  @Test
  void countsRepeatedPairsOnce() {
    // aaaaa is a ##a ##a ##a ##a: the pair ##a ##a occurs three times but merges twice, and then
    // a ##aa before ##aa ##aa, both once a word.
    WordCounts counts = new WordCounts(true);
    counts.add("aaaaa", 2);
    assertThat(WordPieceTrainer.train(counts, 100, 1, mostFrequent(counts, 100)))
        .containsExactly(
            "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "##a", "##aa", "aaa", "aaaaa");
  }

  @Test
  void limitsTheAlphabetToTheMostFrequentCharacters() {
    WordCounts counts = new WordCounts(true);
    counts.add("ab", 5);
    counts.add("cb", 3);
    counts.add("d", 3);
    // b 8, a 5, c 3, d 3: of the last two the lower code point stays.
    assertThat(WordPieceTrainer.train(counts, 11, 1, mostFrequent(counts, 3)).subList(5, 11))
        .containsExactly("a", "b", "c", "##b", "ab", "cb");
    // Without c its word is left out, so nothing is learned from it.
    assertThat(WordPieceTrainer.train(counts, 100, 1, mostFrequent(counts, 2)).subList(5, 9))
        .containsExactly("a", "b", "##b", "ab");
    assertThatThrownBy(() -> WordPieceTrainer.train(counts, 9, 1, mostFrequent(counts, 100)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "--vocab-size is 9, expected at least 10, as many as special tokens and characters"
                + " need");
  }

  private static Alphabet mostFrequent(WordCounts counts, int characters) {
    return Alphabet.covering(counts, characters, 1, 0);
  }

  @Test
  void agreesWithCountingAllPairsAnewForEachMerge() {
    for (int seed = 0; seed < 20; seed++) {
      Map<String, Long> words = randomWords(seed, 60, 4);
      WordCounts counts = new WordCounts(true);
      words.forEach(counts::add);
      assertThat(WordPieceTrainer.train(counts, 80, 2, mostFrequent(counts, 100)))
          .isEqualTo(plain(words, 80, 2));
    }
  }

  @Test
  void spellsEveryWordItLearnedFrom() {
    Map<String, Long> words = randomWords(5, 400, 40);
    WordCounts counts = new WordCounts(true);
    words.forEach(counts::add);
    List<Integer> progress = new ArrayList<>();
    List<String> vocabulary =
        WordPieceTrainer.train(
            counts, 700, 1, mostFrequent(counts, 100), (done, total) -> progress.add(done));
    assertThat(vocabulary).hasSize(700).doesNotHaveDuplicates();
    assertThat(progress).containsExactly(256, 512);
    try (Tokenizer tokenizer = Tokenizer.wordPiece(vocabulary, true)) {
      for (String word : words.keySet()) {
        StringBuilder spelt = new StringBuilder();
        for (int id : tokenizer.encodePieces(word)) {
          String piece = tokenizer.token(id);
          assertThat(tokenizer.continuesWord(id)).isEqualTo(!spelt.isEmpty());
          spelt.append(tokenizer.continuesWord(id) ? piece.substring(2) : piece);
        }
        assertThat(spelt.toString()).isEqualTo(word);
      }
    }
  }

  @Test
  void doesNotDependOnTheOrderOfTheText() {
    List<String> lines =
        new ArrayList<>(
            List.of("The mirror shows", "the mirrored MIRROR", "a show, showing shows", "中文 é"));
    WordCounts forwards = new WordCounts(true);
    lines.forEach(forwards::add);
    WordCounts backwards = new WordCounts(true);
    lines.reversed().forEach(backwards::add);
    assertThat(WordPieceTrainer.train(forwards, 60, 1, mostFrequent(forwards, 100)))
        .isEqualTo(WordPieceTrainer.train(backwards, 60, 1, mostFrequent(backwards, 100)))
        .contains("mirror", "show", ",", "中", "e");
  }

  private static Map<String, Long> randomWords(int seed, int count, int letters) {
    SplittableRandom random = new SplittableRandom(seed);
    Map<String, Long> words = new TreeMap<>();
    while (words.size() < count) {
      StringBuilder word = new StringBuilder();
      for (int length = 1 + random.nextInt(8); length > 0; length--) {
        word.append((char) (0x430 + random.nextInt(letters)));
      }
      // No letter that is accented, so that normalisation changes nothing.
      String plain = word.toString().replace('й', 'и').replace('ѐ', 'е').replace('ё', 'е');
      words.put(plain.replace('ѓ', 'г').replace('ї', 'і'), 1 + (long) random.nextInt(9));
    }
    return words;
  }

  /** The definition: find the best pair among all, merge it everywhere, start again. */
  private static List<String> plain(Map<String, Long> words, int vocabSize, int minFrequency) {
    List<String> vocabulary = new ArrayList<>(WordPieceTrainer.SPECIAL_TOKENS);
    TreeSet<String> first = new TreeSet<>();
    TreeSet<String> continuations = new TreeSet<>();
    List<List<String>> spelt = new ArrayList<>();
    for (String word : words.keySet()) {
      List<String> pieces = new ArrayList<>(Arrays.asList(word.split("")));
      first.addAll(pieces);
      for (int i = 1; i < pieces.size(); i++) {
        pieces.set(i, "##" + pieces.get(i));
        continuations.add(pieces.get(i));
      }
      spelt.add(pieces);
    }
    vocabulary.addAll(first);
    vocabulary.addAll(continuations);
    while (vocabulary.size() < vocabSize) {
      Map<List<String>, Long> pairs = new HashMap<>();
      int w = 0;
      for (long count : words.values()) {
        List<String> pieces = spelt.get(w++);
        for (int i = 0; i + 1 < pieces.size(); i++) {
          pairs.merge(List.of(pieces.get(i), pieces.get(i + 1)), count, Long::sum);
        }
      }
      List<String> best = null;
      long most = minFrequency;
      for (Map.Entry<List<String>, Long> pair : pairs.entrySet()) {
        boolean more = pair.getValue() > most;
        boolean equal = pair.getValue() == most;
        if (more || equal && (best == null || before(vocabulary, pair.getKey(), best))) {
          best = pair.getKey();
          most = pair.getValue();
        }
      }
      if (best == null) {
        break;
      }
      String merged = best.get(0) + best.get(1).substring(2);
      if (!vocabulary.contains(merged)) {
        vocabulary.add(merged);
      }
      for (List<String> pieces : spelt) {
        for (int i = 0; i + 1 < pieces.size(); i++) {
          if (pieces.subList(i, i + 2).equals(best)) {
            pieces.set(i, merged);
            pieces.remove(i + 1);
          }
        }
      }
    }
    return vocabulary;
  }

  private static boolean before(List<String> vocabulary, List<String> one, List<String> other) {
    int left = vocabulary.indexOf(one.get(0)) - vocabulary.indexOf(other.get(0));
    int right = vocabulary.indexOf(one.get(1)) - vocabulary.indexOf(other.get(1));
    return left != 0 ? left < 0 : right < 0;
  }
}
