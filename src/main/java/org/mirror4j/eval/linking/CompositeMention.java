package org.mirror4j.eval.linking;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Takes mentions of several concepts apart, by the rules of BioSyn's preprocessing (Sung et al.
 * 2020), of which the first that gives as many parts as there are concepts holds:
 *
 * <ol>
 *   <li>{@code cancer of the breast and ovary}: cancer of breast, cancer of ovary
 *   <li>{@code breast, ovarian and prostate cancer}: breast cancer, ovarian cancer, prostate cancer
 *   <li>{@code breast/ovarian cancer}: breast cancer, ovarian cancer
 *   <li>a word for each concept
 * </ol>
 */
final class CompositeMention {
  private static final String OF = "of";
  private static final String THE = "the";
  private static final Set<String> CONJUNCTIONS = Set.of("and", "or", "and/or");

  private static final List<Function<List<String>, List<String>>> RULES =
      List.of(
          CompositeMention::behindOf,
          CompositeMention::beforeTheStem,
          CompositeMention::slash,
          words -> words);

  private CompositeMention() {}

  /** The parts of a mention of so many concepts; the mention where no rule holds. */
  static List<String> parts(String mention, int concepts) {
    List<String> words = Arrays.asList(mention.split("\\s+"));
    return concepts < 2
        ? List.of(mention)
        : RULES.stream()
            .map(rule -> rule.apply(words))
            .filter(parts -> parts.size() == concepts)
            .findFirst()
            .orElse(List.of(mention));
  }

  private static List<String> behindOf(List<String> words) {
    int conjunction = conjunction(words, 0);
    if (words.size() < 5 || !words.get(1).equals(OF) || conjunction < 3) {
      return List.of();
    }
    return Stream.of(words.subList(2, conjunction), words.subList(conjunction + 1, words.size()))
        .map(
            part ->
                "%s of %s"
                    .formatted(
                        words.getFirst(),
                        join(part.stream().filter(w -> !w.equals(THE) && !w.equals("both")))))
        .toList();
  }

  private static List<String> beforeTheStem(List<String> words) {
    // Behind the conjunction a last modifier and at least one word of the stem.
    int conjunction = conjunction(words, 2);
    if (conjunction < 1) {
      return List.of();
    }
    int last = conjunction + (words.get(conjunction + 1).equals(THE) ? 2 : 1);
    String stem = join(words.stream().skip(last + 1));
    if (stem.isEmpty()) {
      return List.of();
    }
    Stream<String> first =
        Stream.of(join(words.stream().limit(conjunction)).split(","))
            .map(String::strip)
            .filter(modifier -> !modifier.isEmpty());
    return Stream.concat(first, Stream.of(words.get(last)))
        .map(modifier -> modifier + " " + stem)
        .toList();
  }

  private static List<String> slash(List<String> words) {
    int[] slashed =
        IntStream.range(0, words.size())
            .filter(i -> words.get(i).contains("/") && !CONJUNCTIONS.contains(words.get(i)))
            .toArray();
    if (slashed.length != 1) {
      return List.of();
    }
    return Stream.of(words.get(slashed[0]).split("/"))
        .map(
            part ->
                join(
                    Stream.of(
                            words.subList(0, slashed[0]),
                            List.of(part),
                            words.subList(slashed[0] + 1, words.size()))
                        .flatMap(List::stream)))
        .toList();
  }

  /** The last conjunction with at least so many words behind it, -1 if there is none. */
  private static int conjunction(List<String> words, int behind) {
    return IntStream.range(0, words.size() - Math.max(1, behind))
        .filter(i -> CONJUNCTIONS.contains(words.get(i)))
        .reduce((a, b) -> b)
        .orElse(-1);
  }

  private static String join(Stream<String> words) {
    return String.join(" ", words.toList());
  }
}
