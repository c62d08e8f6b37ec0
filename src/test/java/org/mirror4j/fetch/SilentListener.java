package org.mirror4j.fetch;

/** Passes over what it hears. */
final class SilentListener implements FetchListener {
  @Override
  public void notice(String message) {}

  @Override
  public void begins(String what, long there, long bytes) {}

  @Override
  public void at(long there) {}

  @Override
  public void ends() {}
}
