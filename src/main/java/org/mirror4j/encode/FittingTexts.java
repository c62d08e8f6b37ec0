package org.mirror4j.encode;

import java.util.AbstractList;
import java.util.List;
import org.mirror4j.text.Corpus;

/**
 * Texts that a calibration is fitted on, under one name.
 *
 * @param name of the file or task
 * @param testSet whether models are tested on them
 * @param pairs whether they are pairs, the two texts of each one after the other
 * @param texts in order, those that occur often as often; may be read as they are asked for
 */
public record FittingTexts(String name, boolean testSet, boolean pairs, List<String> texts) {
  /**
   * The items of a corpus, which stays open for as long as they are used.
   *
   * @param name of the file
   */
  public static FittingTexts of(String name, Corpus corpus) {
    return new FittingTexts(
        name,
        false,
        false,
        new AbstractList<>() {
          @Override
          public String get(int index) {
            return corpus.pair(index).left();
          }

          @Override
          public int size() {
            return corpus.size();
          }
        });
  }
}
