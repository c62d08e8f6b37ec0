package org.mirror4j.task.coreference;

import java.util.List;

/**
 * A document, or a part of one that is annotated on its own.
 *
 * @param name of the document, {@code nw/xinhua/00/chtb_0009}
 * @param part as the file has it, {@code 000}; empty where it says none
 * @param sentences none of them empty
 * @param chains in the order in which the text first speaks of them
 */
public record CoreferenceDocument(
    String name, String part, List<Sentence> sentences, List<Chain> chains) {
  private static final String GUM = "GUM_";

  /**
   * A sentence.
   *
   * @param words empty strings where the file has none
   * @param speakers one a word, {@value CoreferenceDocument#NO_SPEAKER} where nobody is named
   */
  public record Sentence(List<String> words, List<String> speakers) {
    /** Copies the lists. */
    public Sentence {
      words = List.copyOf(words);
      speakers = List.copyOf(speakers);
      if (speakers.size() != words.size()) {
        throw new IllegalArgumentException(
            "%d speakers, expected one for each of %d words"
                .formatted(speakers.size(), words.size()));
      }
    }
  }

  /** Stands for the speaker of a text that nobody is said to speak. */
  public static final String NO_SPEAKER = "-";

  /** Copies the lists. */
  public CoreferenceDocument {
    sentences = List.copyOf(sentences);
    chains = List.copyOf(chains);
  }

  /** The same text with other chains. */
  public CoreferenceDocument withChains(List<Chain> others) {
    return new CoreferenceDocument(name, part, sentences, others);
  }

  /** The same without chains of one mention. */
  CoreferenceDocument withoutSingletons() {
    return withChains(
        chains.stream().filter(chain -> chain.mentions().stream().distinct().count() > 1).toList());
  }

  /** All words. */
  public List<String> words() {
    return sentences.stream().flatMap(sentence -> sentence.words().stream()).toList();
  }

  /** Number of words. */
  public int length() {
    return sentences.stream().mapToInt(sentence -> sentence.words().size()).sum();
  }

  /** Name and part as a file's {@code #begin document} has them. */
  public String title() {
    return part.isEmpty() ? "(%s);".formatted(name) : "(%s); part %s".formatted(name, part);
  }

  /**
   * The genre that the name tells: what is before the first slash in OntoNotes ({@code nw}), the
   * second part in GUM ({@code GUM_academic_exposure}); empty for other names.
   */
  public String genre() {
    int slash = name.indexOf('/');
    if (slash >= 0) {
      return name.substring(0, slash);
    }
    int end = name.indexOf('_', GUM.length());
    return name.startsWith(GUM) && end > 0 ? name.substring(GUM.length(), end) : "";
  }
}
