package org.mirror4j.eval;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.mirror4j.device.Device;
import org.mirror4j.eval.linking.ConceptNames;
import org.mirror4j.eval.linking.Mention;
import org.mirror4j.search.Neighbours;
import org.mirror4j.search.Similarity;
import org.mirror4j.search.TopK;
import org.mirror4j.search.Vectors;

/**
 * Finds the concepts of mentions among the names of a dictionary, as SapBERT's evaluation does (Liu
 * et al. 2021, table 2): the names of the highest products with the vector of the mention, the
 * vectors as they are, neither normalised nor centred. One of the first k is right if it is a name
 * of any concept of the mention; a composite mention is right if all its parts are. Each mention is
 * one item, however often it occurs; one whose concept is not in the dictionary is wrong, one of no
 * concept at all ({@code -1}) is left out.
 *
 * <p>Products, not cosines, are what the paper's figures are of. Untuned BERT-base, the first
 * token, reaches 67.2 and 75.8 on NCBI-disease by products and 80.7 and 86.2 by cosines; 67.6 and
 * 77.0 are printed. On BC5CDR's diseases it reaches 81.6 and 89.1 where mentions of no concept are
 * left out, and 80.4 and 87.9 where they are wrong; 81.5 and 89.1 are printed.
 *
 * @param mentions at least one
 * @param dictionary where it is sought
 * @param remark what is to be known of the mentions and the dictionary; may be empty
 */
record LinkedMentions(List<Mention> mentions, ConceptNames dictionary, String remark)
    implements TaskData {
  private static final int MOST = 5;

  LinkedMentions {
    mentions = List.copyOf(mentions);
  }

  /**
   * The mentions of a file, without those of no concept.
   *
   * @throws IllegalArgumentException if there are none
   */
  static LinkedMentions of(
      Path file, List<Mention> mentions, ConceptNames dictionary, String remark) {
    List<Mention> linked = mentions.stream().filter(m -> !m.concepts().isEmpty()).toList();
    if (linked.isEmpty()) {
      throw new IllegalArgumentException(file + ": no mentions of a concept");
    }
    List<String> remarks = new ArrayList<>(List.of(remark));
    if (linked.size() < mentions.size()) {
      remarks.add("%d mentions of no concept left out".formatted(mentions.size() - linked.size()));
    }
    remarks.removeIf(String::isEmpty);
    return new LinkedMentions(linked, dictionary, String.join("; ", remarks));
  }

  private List<String> parts() {
    return mentions.stream().flatMap(mention -> mention.parts().stream()).toList();
  }

  @Override
  public List<String> texts() {
    return Stream.concat(dictionary.names().stream(), parts().stream()).toList();
  }

  @Override
  public Optional<Measurement.Measure> quality() {
    return Optional.of(Measurement.Measure.ACCURACY_AT_1);
  }

  @Override
  public List<Measurement> measure(String task, Device device, MeasuredEncoder encoder) {
    int[] ranks = new int[mentions.size()];
    List<String> names = dictionary.names();
    try (EmbeddedTexts embedded = EmbeddedTexts.embed(encoder, texts());
        Vectors queries = embedded.vectors().select(embedded.rows(parts()))) {
      // The names come first.
      Neighbours found =
          new TopK(device, embedded.vectors().slice(0, names.size()), Similarity.DOT)
              .search(queries, MOST);
      int query = 0;
      for (int i = 0; i < ranks.length; i++) {
        for (int part = 0; part < mentions.get(i).parts().size(); part++) {
          ranks[i] = Math.max(ranks[i], rank(found, query++, names, mentions.get(i)));
        }
      }
    }
    return List.of(
        measurement(task, Measurement.Measure.ACCURACY_AT_1, ranks, 1),
        measurement(task, Measurement.Measure.ACCURACY_AT_5, ranks, MOST));
  }

  /** From 1; beyond {@link #MOST} if none of the names is right. */
  private int rank(Neighbours found, int query, List<String> names, Mention mention) {
    for (int rank = 0; rank < found.count(); rank++) {
      Set<String> concepts = dictionary.concepts().get(names.get(found.row(query, rank)));
      if (!Collections.disjoint(concepts, mention.concepts())) {
        return rank + 1;
      }
    }
    return MOST + 1;
  }

  private Measurement measurement(
      String task, Measurement.Measure measure, int[] ranks, int within) {
    double right = 0;
    for (int rank : ranks) {
      right += rank <= within ? 1 : 0;
    }
    return new Measurement(
        task,
        measure,
        100 * right / mentions.size(),
        mentions.size(),
        0,
        Coverage.NONE,
        String.join("; ", remarks()));
  }

  private List<String> remarks() {
    List<String> remarks = new ArrayList<>();
    if (!remark.isEmpty()) {
      remarks.add(remark);
    }
    Set<String> known = dictionary.known();
    long without = mentions.stream().filter(m -> Collections.disjoint(known, m.concepts())).count();
    if (without > 0) {
      remarks.add(
          "%d mentions of concepts that are not in the dictionary, counted as wrong"
              .formatted(without));
    }
    return remarks;
  }
}
