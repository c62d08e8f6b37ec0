package org.mirror4j.fetch;

/** Hears of downloads, of which one is at work at a time. */
public interface FetchListener {
  /** Something worth knowing. */
  void notice(String message);

  /**
   * A transfer begins.
   *
   * @param what its name
   * @param there bytes that earlier transfers have brought
   * @param bytes that it has in all; below 0 if a server does not say
   */
  void begins(String what, long there, long bytes);

  /**
   * More has come, or it begins anew.
   *
   * @param there bytes that are there now
   */
  void at(long there);

  /** The transfer has ended, whole or not. */
  void ends();
}
