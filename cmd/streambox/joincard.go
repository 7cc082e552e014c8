package main

import (
	"fmt"

	"github.com/google/renameio/v2"
	"github.com/spf13/cobra"

	"streambox.local/appliance/network/setup"
	"streambox.local/appliance/network/wifi"
	"streambox.local/web/joincard"
)

func (a *app) joinCardCommand() *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:   "join-card",
		Short: "Write a sheet to print: how phones get into the box's own Wi-Fi and to its films",
		Long: "The sheet (PDF, A4) has the codes of the box's own Wi-Fi and of its page. Without the setting hotspot-name the\n" +
			"Wi-Fi's name ends in characters of the board's serial number, which only the board knows: the sheet then fits every\n" +
			"box, and the box's own is at http://10.42.0.1/join-card.pdf.",
		Args: args(cobra.NoArgs, "join-card takes no arguments; name the file with --out"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, warnings, err := a.settings(cmd)
			if err != nil {
				return err
			}
			for _, w := range warnings {
				a.stderr.linef("streambox: %s", printable(w))
			}
			return a.joinCard(s, out)
		},
	}
	settingFlags(cmd, "name", "hotspot-name", "hotspot-password")
	cmd.Flags().StringVarP(&out, "out", "o", "join-card.pdf", "`FILE` to write, - for standard output")
	_ = cmd.MarkFlagFilename("out", "pdf") // the flag is there: made just above
	return cmd
}

func (a *app) joinCard(s settings, out string) error {
	at := setup.HotspotAddress.Addr().String()
	card := joincard.Card{Name: s.Network.Name, Password: s.Network.Password, Page: "http://" + at + "/", Pages: []string{at, s.Name + ".local"}}
	if card.Name != "" {
		card.Code = wifi.Network{Name: s.Network.Name, Password: s.Network.Password}.Code()
	}
	pdf, err := card.PDF()
	if err != nil {
		return fmt.Errorf("making the sheet: %w", err)
	}
	if out == "-" {
		_, err = a.stdout.Write(pdf)
		return err
	}
	if err = renameio.WriteFile(out, pdf, 0o644); err != nil {
		return fmt.Errorf("writing the sheet: %s", cause(err))
	}
	a.stdout.linef("%s", printable(out))
	return nil
}
